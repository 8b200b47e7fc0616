import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  SingleValueWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { ResourceNames } from '../broker/names.ts';
import { REFRESH_MISSED_MINUTES } from '../broker/refresh-period.ts';
import { functionMetric, METRIC_NAMESPACE, queueMetric, refresherMetric, SURVEY_PERIOD } from './metrics.ts';

export interface FleetDashboardProps {
  readonly names: ResourceNames;
  readonly alarms: readonly Alarm[];
}

const WIDTH = 24;

/** Answers at a glance: how many sandboxes there are, how fresh their tokens, what fails and which limit is near. */
export class FleetDashboard extends Construct {
  constructor(scope: Construct, id: string, { names, alarms }: FleetDashboardProps) {
    super(scope, id);
    new Dashboard(this, 'Dashboard', {
      dashboardName: names.dashboard,
      defaultInterval: Duration.hours(3),
      widgets: [glance(names, alarms), refreshing(names), limits(names), [lastFailures(names)]],
    });
  }
}

const glance = (names: ResourceNames, alarms: readonly Alarm[]): IWidget[] => {
  const value = (title: string, metric: IMetric) =>
    new SingleValueWidget({ title, metrics: [metric], width: 4 });
  return [
    value('Sandboxes', refresherMetric(names, 'Sandboxes', 'Maximum')),
    value('Oldest token, seconds', refresherMetric(names, 'OldestTokenAge', 'Maximum')),
    value('Without a token for good', refresherMetric(names, 'PermanentFailures', 'Maximum')),
    value('Dead letters', queueMetric(names.deadLetterQueue)),
    new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 8 }),
  ];
};

const refreshing = (names: ResourceNames): IWidget[] => [
  new GraphWidget({
    title: 'Age of the oldest token, in seconds',
    left: [refresherMetric(names, 'OldestTokenAge', 'Maximum')],
    leftAnnotations: [
      { value: REFRESH_MISSED_MINUTES * 60, label: 'alarm' },
      { value: 3_600, label: 'no git' },
    ],
    leftYAxis: { min: 0 },
    width: WIDTH / 3,
  }),
  new GraphWidget({
    title: 'Refreshes',
    left: [
      refresherMetric(names, 'Refreshes', 'Sum'),
      refresherMetric(names, 'Failures', 'Sum'),
      refresherMetric(names, 'Retries', 'Sum'),
    ],
    right: [queueMetric(names.retryQueue)],
    leftYAxis: { min: 0 },
    width: WIDTH / 3,
  }),
  new GraphWidget({
    title: 'Failures by reason',
    left: [byDimension(names, 'Reason', 'Failures', 'Sum')],
    stacked: true,
    width: WIDTH / 3,
  }),
];

const limits = (names: ResourceNames): IWidget[] => [
  new GraphWidget({
    title: 'Milliseconds by stage, 99th percentile',
    left: [byDimension(names, 'Stage', 'StageMilliseconds', 'p99')],
    right: [functionMetric(names, 'Duration', 'p99')],
    width: WIDTH / 3,
  }),
  new GraphWidget({
    title: 'Throttled requests by service',
    left: [byDimension(names, 'Service', 'Throttles', 'Sum'), functionMetric(names, 'Throttles', 'Sum')],
    stacked: true,
    width: WIDTH / 3,
  }),
  new GraphWidget({
    title: 'GitHub requests left, and functions at work',
    left: [refresherMetric(names, 'GitHubLimitLeft', 'Minimum')],
    right: [functionMetric(names, 'ConcurrentExecutions', 'Maximum')],
    leftYAxis: { min: 0 },
    width: WIDTH / 3,
  }),
];

/** A metric split up by its second dimension, whose values are not known before they are written. */
const byDimension = (
  { prefix }: ResourceNames,
  dimension: 'Reason' | 'Stage' | 'Service',
  metric: string,
  statistic: string,
): IMetric => {
  const search = `{${METRIC_NAMESPACE},Prefix,${dimension}} MetricName="${metric}" Prefix="${prefix}"`;
  return new MathExpression({
    expression: `SEARCH('${search}', '${statistic}', ${SURVEY_PERIOD.toSeconds()})`,
    label: '',
    period: SURVEY_PERIOD,
  });
};

const lastFailures = ({ logGroup }: ResourceNames): IWidget =>
  new LogQueryWidget({
    title: 'Last failures (more: km logs ID)',
    logGroupNames: [logGroup],
    view: LogQueryVisualizationType.TABLE,
    queryLines: [
      'fields @timestamp, sandbox_id, owner, code, message',
      'filter event in ["token_generation_failed", "token_revocation_failed", "permanent_failure"]',
      'sort @timestamp desc',
      'limit 20',
    ],
    width: WIDTH,
  });
