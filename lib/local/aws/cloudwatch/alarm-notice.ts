import type { Cloud } from '../cloud.ts';
import type { AlarmRecord, AlarmState } from './alarm-store.ts';

/** What a region is called in messages to people. */
const REGION_NAME = 'US East (N. Virginia)';

/** The subject of the message that an alarm publishes. */
export const alarmSubject = ({ name, state }: AlarmRecord): string =>
  `${state}: "${name}" in ${REGION_NAME}`.slice(0, 99);

const stamp = (time: number): string => new Date(time).toISOString().replace('Z', '+0000');

/**
 * The message that an alarm publishes when its state changes.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
export const alarmNotice = (
  { accountId }: Pick<Cloud, 'accountId'>,
  alarm: AlarmRecord,
  arn: string,
  from: AlarmState,
): object => {
  const { settings } = alarm;
  const { Metrics, Statistic, ExtendedStatistic } = settings;
  const statistic =
    Statistic === undefined
      ? { ExtendedStatistic, StatisticType: 'ExtendedStatistic' }
      : { Statistic: Statistic.toUpperCase(), StatisticType: 'Statistic' };
  const watched =
    Metrics === undefined
      ? {
          MetricName: settings.MetricName,
          Namespace: settings.Namespace,
          ...statistic,
          Unit: settings.Unit ?? null,
          Dimensions: (settings.Dimensions ?? []).map(({ Name, Value }) => ({ value: Value, name: Name })),
        }
      : { Metrics };
  return {
    AlarmName: alarm.name,
    AlarmDescription: settings.AlarmDescription ?? null,
    AWSAccountId: accountId,
    AlarmConfigurationUpdatedTimestamp: stamp(alarm.configured),
    NewStateValue: alarm.state,
    NewStateReason: alarm.reason,
    StateChangeTime: stamp(alarm.transitioned),
    Region: REGION_NAME,
    AlarmArn: arn,
    OldStateValue: from,
    OKActions: settings.OKActions ?? [],
    AlarmActions: settings.AlarmActions ?? [],
    InsufficientDataActions: settings.InsufficientDataActions ?? [],
    Trigger: {
      ...watched,
      Period: settings.Period,
      EvaluationPeriods: settings.EvaluationPeriods,
      DatapointsToAlarm: settings.DatapointsToAlarm ?? settings.EvaluationPeriods,
      ComparisonOperator: settings.ComparisonOperator,
      Threshold: settings.Threshold,
      TreatMissingData: settings.TreatMissingData ?? 'missing',
    },
  };
};
