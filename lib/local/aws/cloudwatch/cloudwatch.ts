import { acceptMembers } from '../accept-members.ts';
import { AwsError, type Call, type Cloud, notImplemented, type Service, type Table } from '../cloud.ts';
import { serviceOf } from '../operations.ts';
import { dashboardOperations } from './dashboards.ts';

interface AlarmRecord {
  readonly name: string;
  readonly updated: number;
  /** As PutMetricAlarm got it. */
  readonly input: Readonly<Record<string, unknown>>;
}

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

/**
 * CloudWatch, as far as stacks need it: alarms are kept and described, and never leave INSUFFICIENT_DATA, since the
 * local cloud has no metrics.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
export function createCloudWatch(cloud: Cloud): Service {
  const alarms: Table<AlarmRecord> = cloud.table('cloudwatch-alarms');
  const arnOf = (name: string): string =>
    `arn:aws:cloudwatch:${cloud.region}:${cloud.accountId}:alarm:${name}`;
  const authorize = (call: Call, resource: string): void =>
    cloud.authorize(call, { action: `cloudwatch:${call.operation}`, resource });

  const answers: Readonly<Record<string, (call: Call) => object>> = {
    PutMetricAlarm(call) {
      acceptMembers(call, [...ALARM_SETTINGS, 'AlarmName', 'Tags']);
      const { AlarmName, Tags: _, ...input } = call.input;
      const name = String(AlarmName ?? '');
      authorize(call, arnOf(name));
      for (const required of [
        'ComparisonOperator',
        'EvaluationPeriods',
        'Threshold',
        ...(input.Metrics === undefined ? ['MetricName', 'Namespace'] : []),
      ]) {
        if (input[required] === undefined) throw new AwsError('ValidationError', `${required} is required`);
      }
      alarms.set(name, { name, updated: cloud.clock.now(), input });
      return {};
    },
    DescribeAlarms(call) {
      acceptMembers(call, ['AlarmNames', 'AlarmNamePrefix', 'AlarmTypes', 'MaxRecords']);
      authorize(call, arnOf('*'));
      const { AlarmNames, AlarmNamePrefix = '' } = call.input;
      const names: string[] | undefined =
        Array.isArray(AlarmNames) && AlarmNames.length > 0 ? AlarmNames : undefined;
      const wanted = alarms
        .values()
        .filter(({ name }) => names?.includes(name) ?? name.startsWith(AlarmNamePrefix));
      const MetricAlarms = wanted.map(({ name, updated, input }) => ({
        AlarmName: name,
        AlarmArn: arnOf(name),
        ...input,
        AlarmConfigurationUpdatedTimestamp: new Date(updated),
        StateValue: 'INSUFFICIENT_DATA',
        StateReason: 'Unchecked: The local cloud has no metrics',
        StateUpdatedTimestamp: new Date(updated),
      }));
      return { MetricAlarms, CompositeAlarms: [] };
    },
    DeleteAlarms(call) {
      acceptMembers(call, ['AlarmNames']);
      const names: string[] = Array.isArray(call.input.AlarmNames) ? call.input.AlarmNames : [];
      for (const name of names) authorize(call, arnOf(name));
      const missing = names.filter((name) => !alarms.has(name));
      if (missing.length > 0)
        throw new AwsError('ResourceNotFound', `Alarms ${missing.join(', ')} do not exist`, 404);
      for (const name of names) alarms.delete(name);
      return {};
    },
  };
  const dashboards = serviceOf('monitoring', dashboardOperations(cloud), {
    PutDashboard: 'DashboardName DashboardBody',
    GetDashboard: 'DashboardName',
    ListDashboards: 'DashboardNamePrefix NextToken',
    DeleteDashboards: 'DashboardNames',
  });
  return {
    name: 'monitoring',
    async handle(call) {
      if (/Dashboards?$/.test(call.operation)) return dashboards.handle(call);
      const answer = answers[call.operation];
      if (answer === undefined) throw notImplemented(call);
      return answer(call);
    },
  };
}
