import { describe, expect, test } from 'vitest';
import type { AlarmSettings } from '../../../lib/local/aws/cloudwatch/alarm-store.ts';
import { evaluateAlarm } from '../../../lib/local/aws/cloudwatch/evaluate-alarm.ts';

const START = Date.parse('2026-11-20T10:00:00Z');
const BEFORE = { state: 'INSUFFICIENT_DATA', reason: 'as before' } as const;

const settings = (more: Partial<AlarmSettings> = {}): AlarmSettings => ({
  ComparisonOperator: 'GreaterThanThreshold',
  EvaluationPeriods: 3,
  Threshold: 50,
  ...more,
});

/** `0 X -`: fine, breaching and missing, oldest first, a minute each. */
const points = (text: string) =>
  text
    .split(' ')
    .map((mark, index) => ({
      time: START + index * 60_000,
      value: mark === '-' ? undefined : mark === 'X' ? 99 : 1,
    }))
    .reverse();

describe('datapoints and what is missing of them', () => {
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
  test.each([
    ['0 - X - X', 3, ['OK', 'OK', 'OK', 'OK']],
    ['- - - - 0', 3, ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', 3, ['INSUFFICIENT_DATA', 'kept', 'ALARM', 'OK']],
    ['0 X X - X', 3, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', 3, ['ALARM', 'kept', 'ALARM', 'OK']],
    ['0 0 X - X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - - - X', 2, ['OK', 'kept', 'ALARM', 'OK']],
    ['- - - X 0', 2, ['OK', 'kept', 'ALARM', 'OK']],
  ])('%s with %i to alarm', (text, DatapointsToAlarm, states) => {
    const found = ['missing', 'ignore', 'breaching', 'notBreaching'].map((TreatMissingData) => {
      const alarm = settings({ DatapointsToAlarm, TreatMissingData });
      const verdict = evaluateAlarm(alarm, BEFORE, points(text));
      return verdict.reason === BEFORE.reason ? 'kept' : verdict.state;
    });
    expect(found).toEqual(states);
  });
});

test.each([
  ['GreaterThanThreshold', 50, 'OK'],
  ['GreaterThanOrEqualToThreshold', 50, 'ALARM'],
  ['LessThanThreshold', 50, 'OK'],
  ['LessThanOrEqualToThreshold', 50, 'ALARM'],
  ['GreaterThanThreshold', 50.5, 'ALARM'],
  ['LessThanThreshold', 49, 'ALARM'],
])('%s of %d is %s', (ComparisonOperator, value, state) => {
  const alarm = settings({ EvaluationPeriods: 1, ComparisonOperator });
  expect(evaluateAlarm(alarm, BEFORE, [{ time: START, value }]).state).toBe(state);
});

describe('the reason', () => {
  test.each([
    [
      '- - X',
      {},
      'Threshold Crossed: 1 out of the last 1 datapoint [99.0 (20/11/26 10:02:00)] was greater than the threshold ' +
        '(50.0) (minimum 1 datapoint for OK -> ALARM transition).',
    ],
    [
      '- - 0',
      {},
      'Threshold Crossed: 1 out of the last 1 datapoint [1.0 (20/11/26 10:02:00)] was not greater than the threshold ' +
        '(50.0) (minimum 1 datapoint for ALARM -> OK transition).',
    ],
    [
      '- - -',
      { TreatMissingData: 'notBreaching' },
      'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].',
    ],
    ['- - -', {}, 'Insufficient Data: 1 datapoint was unknown.'],
  ])('of %s', (text, more, reason) => {
    expect(evaluateAlarm(settings({ EvaluationPeriods: 1, ...more }), BEFORE, points(text)).reason).toBe(
      reason,
    );
  });
});
