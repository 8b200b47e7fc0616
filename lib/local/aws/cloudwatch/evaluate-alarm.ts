import type { AlarmSettings, AlarmState } from './alarm-store.ts';

/** The value of one period, or none, and when it began (milliseconds since the epoch). */
export interface Datapoint {
  readonly time: number;
  readonly value: number | undefined;
}

export interface Verdict {
  readonly state: AlarmState;
  readonly reason: string;
}

/** Beyond the evaluation periods, CloudWatch looks for data where some is missing. */
const EXTRA_PERIODS = 2;

const COMPARISONS: Readonly<Record<string, readonly [(a: number, b: number) => boolean, string]>> = {
  GreaterThanThreshold: [(a, b) => a > b, 'greater than'],
  GreaterThanOrEqualToThreshold: [(a, b) => a >= b, 'greater than or equal to'],
  LessThanThreshold: [(a, b) => a < b, 'less than'],
  LessThanOrEqualToThreshold: [(a, b) => a <= b, 'less than or equal to'],
};

export const COMPARISON_OPERATORS = Object.keys(COMPARISONS);

/** How many periods an alarm looks at. */
export const evaluationRange = ({ EvaluationPeriods }: AlarmSettings): number =>
  EvaluationPeriods + EXTRA_PERIODS;

const decimal = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

const shown = ({ time, value = 0 }: Datapoint): string => {
  const [year, month, day] = new Date(time).toISOString().slice(2, 10).split('-');
  return `${decimal(value)} (${day}/${month}/${year} ${new Date(time).toISOString().slice(11, 19)})`;
};

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/**
 * What an alarm's state becomes by its datapoints, newest first: of the real ones the newest EvaluationPeriods decide;
 * where there are fewer, TreatMissingData says what stands for the missing.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export const evaluateAlarm = (
  settings: AlarmSettings,
  before: Verdict,
  newestFirst: readonly Datapoint[],
): Verdict => {
  const { EvaluationPeriods: periods, Threshold, ComparisonOperator, TreatMissingData } = settings;
  const needed = settings.DatapointsToAlarm ?? periods;
  const [breaches, words] = COMPARISONS[ComparisonOperator] ?? [() => false, ''];
  const real = newestFirst.filter(({ value }) => value !== undefined).slice(0, periods);
  const breaching = real.filter(({ value = 0 }) => breaches(value, Threshold));
  const missing = periods - real.length;

  const crossed = (state: 'OK' | 'ALARM'): Verdict => {
    if (real.length === 0) {
      const treated = state === 'ALARM' ? 'Breaching' : 'NonBreaching';
      return {
        state,
        reason: `Threshold Crossed: no datapoints were received for ${plural(periods, 'period')} and ${plural(periods, 'missing datapoint')} ${periods === 1 ? 'was' : 'were'} treated as [${treated}].`,
      };
    }
    const told = state === 'ALARM' ? breaching : real.filter((point) => !breaching.includes(point));
    const points = told.length === 0 ? real : told;
    const verb = points.length === 1 ? 'was' : 'were';
    return {
      state,
      reason:
        `Threshold Crossed: ${points.length} out of the last ${plural(periods, 'datapoint')} ` +
        `[${points.map(shown).join(', ')}] ${verb} ${state === 'ALARM' ? '' : 'not '}${words} the threshold ` +
        `(${decimal(Threshold)}) (minimum ${plural(state === 'ALARM' ? needed : periods - needed + 1, 'datapoint')} ` +
        `for ${state === 'ALARM' ? 'OK -> ALARM' : 'ALARM -> OK'} transition).`,
    };
  };

  if (breaching.length >= needed) return crossed('ALARM');
  // too many are fine, whatever the missing ones might have been
  if (real.length - breaching.length > periods - needed) return crossed('OK');
  switch (TreatMissingData) {
    case 'breaching':
      return crossed(breaching.length + missing >= needed ? 'ALARM' : 'OK');
    case 'notBreaching':
      return crossed('OK');
    case 'ignore':
      return before;
    default: {
      if (real.length === 0)
        return {
          state: 'INSUFFICIENT_DATA',
          reason: `Insufficient Data: ${plural(periods, 'datapoint')} ${periods === 1 ? 'was' : 'were'} unknown.`,
        };
      // one that breaches, old enough, with nothing better after it
      const oldest = newestFirst.findLastIndex(({ value }) => value !== undefined);
      return crossed(breaching.length === real.length && oldest + 1 >= needed ? 'ALARM' : 'OK');
    }
  }
};
