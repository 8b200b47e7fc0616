import { AwsError, type Call, type Cloud } from '../cloud.ts';
import { flag, integer, list, type Operation, optionalText, pageOf, text } from '../operations.ts';
import type { AlarmRecord, AlarmSettings, AlarmState, AlarmStore } from './alarm-store.ts';
import type { AlarmWatch } from './alarm-watch.ts';
import { COMPARISON_OPERATORS } from './evaluate-alarm.ts';
import { checkQueries } from './metric-queries.ts';

const STATES = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const;
const CODE = { code: 'ValidationError' };
const NUMBERS = ['DatapointsToAlarm', 'EvaluationPeriods', 'Period', 'Threshold'];
const ACTIONS = ['AlarmActions', 'InsufficientDataActions', 'OKActions'] as const;

const invalid = (message: string): AwsError => new AwsError('ValidationError', message);

const checkMetric = (settings: AlarmSettings): void => {
  const { Metrics, MetricName, Namespace, Statistic, ExtendedStatistic, Period } = settings;
  if (Metrics !== undefined) {
    if (MetricName !== undefined || Period !== undefined)
      throw invalid('An alarm with Metrics has no MetricName, Period or Statistic of its own');
    checkQueries(Metrics);
    const returned = Metrics.filter(({ ReturnData }) => String(ReturnData ?? true) === 'true');
    if (returned.length !== 1) throw invalid('Exactly one element of Metrics must return data');
    return;
  }
  if (MetricName === undefined || Namespace === undefined)
    throw new AwsError('MissingParameter', 'MetricName and Namespace are required');
  if (Period === undefined || Period < 60 || Period % 60 !== 0)
    throw invalid('Period must be a multiple of 60; shorter ones the local cloud does not implement');
  if ((Statistic === undefined) === (ExtendedStatistic === undefined))
    throw invalid('Exactly one of Statistic and ExtendedStatistic is required');
};

/** The settings of a request, numbers as numbers. Throws ValidationError, and NotImplemented for an action but SNS. */
const settingsOf = (call: Call): AlarmSettings => {
  const { AlarmName: _, Tags: __, ...given } = call.input;
  const numbers = NUMBERS.filter((name) => given[name] !== undefined).map((name) => [
    name,
    Number(given[name]),
  ]);
  if (numbers.some(([, value]) => !Number.isFinite(value))) throw invalid(`${NUMBERS} must be numbers`);
  const settings = {
    ...given,
    ...Object.fromEntries(numbers),
    ...(given.ActionsEnabled === undefined ? {} : { ActionsEnabled: flag(call, 'ActionsEnabled') }),
  } as AlarmSettings;
  text(call, 'ComparisonOperator', { ...CODE, oneOf: COMPARISON_OPERATORS });
  optionalText(call, 'TreatMissingData', {
    ...CODE,
    oneOf: ['breaching', 'notBreaching', 'ignore', 'missing'],
  });
  if (settings.Threshold === undefined) throw new AwsError('MissingParameter', 'Threshold is required');
  const { EvaluationPeriods: periods, DatapointsToAlarm: needed = periods } = settings;
  if (!(periods >= 1) || !(needed >= 1 && needed <= periods))
    throw invalid('EvaluationPeriods must be 1 or more, and DatapointsToAlarm no more than that');
  checkMetric(settings);
  const other = ACTIONS.flatMap((name) => settings[name] ?? []).find(
    (arn) => !arn.startsWith('arn:aws:sns:'),
  );
  if (other === undefined) return settings;
  throw new AwsError('NotImplemented', `The local cloud implements no alarm action ${other}`, 501);
};

/** PutMetricAlarm, DescribeAlarms, DescribeAlarmHistory, SetAlarmState, Enable/DisableAlarmActions and DeleteAlarms. */
export const alarmOperations = (
  cloud: Cloud,
  alarms: AlarmStore,
  watch: AlarmWatch,
): Record<string, Operation> => {
  const authorize = (call: Call, name: string): void =>
    cloud.authorize(call, { action: `cloudwatch:${call.operation}`, resource: alarms.arnOf(name) });

  const known = (name: string): AlarmRecord => {
    const alarm = alarms.get(name);
    if (alarm !== undefined) return alarm;
    throw new AwsError('ResourceNotFound', `Alarm ${name} does not exist`, 404);
  };

  const switchActions: Operation = (call) => {
    const names = list<string>(call, 'AlarmNames');
    for (const name of names) authorize(call, name);
    const ActionsEnabled = call.operation === 'EnableAlarmActions';
    for (const name of names) {
      const alarm = alarms.get(name);
      if (alarm) alarms.set({ ...alarm, settings: { ...alarm.settings, ActionsEnabled } });
    }
    return {};
  };

  const view = ({ name, settings, ...alarm }: AlarmRecord): object => ({
    AlarmName: name,
    AlarmArn: alarms.arnOf(name),
    ActionsEnabled: true,
    OKActions: [],
    AlarmActions: [],
    InsufficientDataActions: [],
    Dimensions: [],
    ...settings,
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.configured),
    StateValue: alarm.state,
    StateReason: alarm.reason,
    StateUpdatedTimestamp: new Date(alarm.updated),
    StateTransitionedTimestamp: new Date(alarm.transitioned),
  });

  return {
    PutMetricAlarm(call) {
      const name = text(call, 'AlarmName', { ...CODE, min: 1, max: 255 });
      authorize(call, name);
      const settings = settingsOf(call);
      const now = cloud.clock.now();
      const before = alarms.get(name) ?? {
        state: 'INSUFFICIENT_DATA' as const,
        reason: 'Unchecked: Initial alarm creation',
        updated: now,
        transitioned: now,
      };
      alarms.set({ ...before, name, settings, configured: now });
      alarms.tell(name, 'ConfigurationUpdate', `Alarm "${name}" ${'name' in before ? 'updated' : 'created'}`);
      watch.look(name);
      return {};
    },
    DescribeAlarms(call) {
      authorize(call, '*');
      const names = list<string>(call, 'AlarmNames');
      const prefix = optionalText(call, 'AlarmNamePrefix') ?? '';
      const state = optionalText(call, 'StateValue', { ...CODE, oneOf: STATES });
      const wanted = alarms
        .all()
        .filter(({ name }) => (names.length > 0 ? names.includes(name) : name.startsWith(prefix)))
        .filter((alarm) => state === undefined || alarm.state === state);
      const size = integer(call, 'MaxRecords', { min: 1, max: 100, fallback: 50, ...CODE });
      const { items, next } = pageOf(wanted, optionalText(call, 'NextToken'), size);
      return {
        MetricAlarms: items.map(view),
        CompositeAlarms: [],
        ...(next === undefined ? {} : { NextToken: next }),
      };
    },
    DescribeAlarmHistory(call) {
      const name = optionalText(call, 'AlarmName');
      authorize(call, name ?? '*');
      const type = optionalText(call, 'HistoryItemType');
      const wanted = alarms
        .history()
        .filter((item) => (name === undefined || item.alarm === name) && (type ?? item.type) === item.type)
        .toReversed();
      const size = integer(call, 'MaxRecords', { min: 1, max: 100, fallback: 100, ...CODE });
      const { items, next } = pageOf(wanted, optionalText(call, 'NextToken'), size);
      const AlarmHistoryItems = items.map((item) => ({
        AlarmName: item.alarm,
        AlarmType: 'MetricAlarm',
        Timestamp: new Date(item.time),
        HistoryItemType: item.type,
        HistorySummary: item.summary,
      }));
      return { AlarmHistoryItems, ...(next === undefined ? {} : { NextToken: next }) };
    },
    async SetAlarmState(call) {
      const name = text(call, 'AlarmName', CODE);
      authorize(call, name);
      const state = text(call, 'StateValue', { ...CODE, oneOf: STATES }) as AlarmState;
      await watch.transit(known(name), state, text(call, 'StateReason', CODE));
      watch.look(name);
      return {};
    },
    EnableAlarmActions: switchActions,
    DisableAlarmActions: switchActions,
    DeleteAlarms(call) {
      const names = list<string>(call, 'AlarmNames');
      for (const name of names) authorize(call, name);
      for (const name of names) known(name);
      for (const name of names) {
        watch.forget(name);
        alarms.delete(name);
      }
      return {};
    },
  };
};
