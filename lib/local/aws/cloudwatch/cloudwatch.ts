import type { Cloud, Service } from '../cloud.ts';
import { type Members, serviceOf } from '../operations.ts';
import { alarmOperations } from './alarm-requests.ts';
import { AlarmStore } from './alarm-store.ts';
import { AlarmWatch } from './alarm-watch.ts';
import { dashboardOperations } from './dashboards.ts';
import { metricOperations } from './metric-requests.ts';
import { MetricStore } from './metric-store.ts';

/** What an alarm is made of, in a request and in a template alike. */
export const ALARM_SETTINGS = [
  'ActionsEnabled',
  'AlarmActions',
  'AlarmDescription',
  'ComparisonOperator',
  'DatapointsToAlarm',
  'Dimensions',
  'EvaluationPeriods',
  'ExtendedStatistic',
  'InsufficientDataActions',
  'MetricName',
  'Metrics',
  'Namespace',
  'OKActions',
  'Period',
  'Statistic',
  'Threshold',
  'TreatMissingData',
  'Unit',
] as const;

const MEMBERS: Members = {
  PutMetricAlarm: [...ALARM_SETTINGS, 'AlarmName', 'Tags'].join(' '),
  DescribeAlarms: 'AlarmNames AlarmNamePrefix AlarmTypes StateValue MaxRecords NextToken',
  DescribeAlarmHistory: 'AlarmName AlarmTypes HistoryItemType MaxRecords NextToken',
  SetAlarmState: 'AlarmName StateValue StateReason',
  EnableAlarmActions: 'AlarmNames',
  DisableAlarmActions: 'AlarmNames',
  DeleteAlarms: 'AlarmNames',
  PutMetricData: 'Namespace MetricData',
  GetMetricData: 'MetricDataQueries StartTime EndTime ScanBy',
  GetMetricStatistics:
    'Namespace MetricName Dimensions StartTime EndTime Period Statistics ExtendedStatistics Unit',
  ListMetrics: 'Namespace MetricName Dimensions NextToken',
  PutDashboard: 'DashboardName DashboardBody',
  GetDashboard: 'DashboardName',
  ListDashboards: 'DashboardNamePrefix NextToken',
  DeleteDashboards: 'DashboardNames',
};

/**
 * CloudWatch: metrics by the minute, alarms on single metrics and metric math that act on SNS topics, dashboards.
 * By json and by query (XML); not by CBOR.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Operations.html
 */
export const createCloudWatch = (cloud: Cloud): Service => {
  const metrics = new MetricStore(cloud);
  const alarms = new AlarmStore(cloud);
  const watch = new AlarmWatch(cloud, alarms, metrics);
  const operations = {
    ...metricOperations(cloud, metrics, (added) => watch.added(added)),
    ...alarmOperations(cloud, alarms, watch),
    ...dashboardOperations(cloud),
  };
  return {
    ...serviceOf('monitoring', operations, MEMBERS),
    async start() {
      watch.start();
    },
    async stop() {
      watch.stop();
    },
  };
};
