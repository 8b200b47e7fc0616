import { describe, expect, test } from 'vitest';
import { nextDue, parseScheduleExpression } from '../../../lib/local/aws/scheduler/schedule-expression.ts';

const at = (time: string): number => Date.parse(`2026-11-20T${time}:00Z`);

describe('parseScheduleExpression', () => {
  test.each([
    ['at(2026-11-20T10:00:00)', { kind: 'at', time: at('10:00') }],
    ['rate(1 minute)', { kind: 'rate', intervalMs: 60_000 }],
    ['rate(45 minutes)', { kind: 'rate', intervalMs: 2_700_000 }],
    ['rate(2 hours)', { kind: 'rate', intervalMs: 7_200_000 }],
    ['rate(1 day)', { kind: 'rate', intervalMs: 86_400_000 }],
  ])('reads %s', (text, expression) => {
    expect(parseScheduleExpression(text)).toEqual(expression);
  });

  test.each([
    'rate(45 minute)',
    'rate(1 minutes)',
    'rate(0 minutes)',
    'rate(1.5 hours)',
    'rate(10 seconds)',
    'at(2026-11-20T10:00:00Z)',
    'at(2026-11-31)',
    'at(2026-13-01T10:00:00)',
    'every day',
    '',
  ])('refuses %j', (text) => {
    expect(() => parseScheduleExpression(text)).toThrow(`Invalid Schedule Expression ${text}.`);
  });

  test('says that cron() is not implemented', () => {
    expect(() => parseScheduleExpression('cron(0 10 * * ? *)')).toThrow(
      expect.objectContaining({ status: 501 }),
    );
  });
});

describe('nextDue', () => {
  const rate = { expression: 'rate(45 minutes)', created: at('09:00') };
  const once = { expression: 'at(2026-11-20T12:00:00)', created: at('09:00') };

  test.each([
    ['a rate without a start date fires when it is made', rate, '09:00', '09:00'],
    ['then every interval', { ...rate, lastFired: at('09:00') }, '09:10', '09:45'],
    ['a start date is the first time', { ...rate, startDate: at('10:00') }, '09:00', '10:00'],
    [
      'and what the intervals count from',
      { ...rate, startDate: at('10:00'), lastFired: at('10:00') },
      '10:01',
      '10:45',
    ],
    [
      'a start date long past counts, but is not made up for',
      { ...rate, startDate: at('08:20') },
      '09:00',
      '09:05',
    ],
    [
      'what was missed is made up for once',
      { ...rate, startDate: at('10:00'), lastFired: at('10:00') },
      '13:10',
      '13:00',
    ],
    [
      'the end date itself still counts',
      { ...rate, startDate: at('10:00'), endDate: at('10:45'), lastFired: at('10:00') },
      '10:10',
      '10:45',
    ],
    [
      'after the end date there is nothing',
      { ...rate, startDate: at('10:00'), endDate: at('11:00'), lastFired: at('10:45') },
      '10:50',
      undefined,
    ],
    [
      'a missed time before the end is made up for after it',
      { ...rate, startDate: at('10:00'), endDate: at('11:00'), lastFired: at('10:00') },
      '12:00',
      '10:45',
    ],
    ['at() fires once', once, '09:00', '12:00'],
    ['at() that was missed is made up for', once, '13:00', '12:00'],
    ['at() that has fired is over', { ...once, lastFired: at('12:00') }, '13:00', undefined],
  ])('%s', (_, timing, now, due) => {
    expect(nextDue(timing, at(now))).toBe(due === undefined ? undefined : at(due));
  });
});
