import { GetParameterHistoryCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import { type FaultPlan, faultPlan, planNamed, planSays } from '../../scripts/simulate/fault-plan.ts';
import { createMeter } from '../../scripts/simulate/meter.ts';
import { createRandom, hashOf } from '../../scripts/simulate/random.ts';
import { createSsmModel } from '../../scripts/simulate/ssm-model.ts';
import { createVirtualTime } from '../../scripts/simulate/virtual-time.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const minutesOf = (is: (now: number) => boolean, days: number): number => {
  let minutes = 0;
  for (let now = 0; now < days * DAY; now += MINUTE / 4) if (is(now)) minutes += 1 / 4;
  return minutes;
};

describe('random numbers', () => {
  test('are the same for one seed and name, and others for another', () => {
    const take = (seed: number, name: string) => {
      const random = createRandom(seed, name);
      return [random(), random(), random()];
    };
    expect(take(1, 'a')).toEqual(take(1, 'a'));
    expect(take(1, 'a')).not.toEqual(take(2, 'a'));
    expect(take(1, 'a')).not.toEqual(take(1, 'b'));
  });

  test('are even from 0 up to 1', () => {
    const random = createRandom(7, 'even');
    const counts = [0, 0, 0, 0];
    for (let index = 0; index < 40_000; index += 1) {
      const quarter = Math.floor(random() * 4);
      counts[quarter] = (counts[quarter] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });

  test('a hash is the known one of FNV-1a', () => expect(hashOf('foobar')).toBe(0xbf9cf968));
});

describe('a quota', () => {
  test('refuses what is over it until the next interval', () => {
    const meter = createMeter({ limit: 2, intervalMs: 1_000 });
    expect([0, 1, 999, 1_000].map((now) => meter.take(now))).toEqual([true, true, false, true]);
    expect(meter.report()).toEqual({ limit: 2, asked: 4, refused: 1, peak: 3 });
    expect(meter.left(1_500)).toBe(1);
  });

  test('is less while it is throttled, and by what others take of it', () => {
    const meter = createMeter({
      limit: 40,
      intervalMs: 1_000,
      factor: (now) => (now < 1_000 ? 0.1 : 1),
      taken: 2,
    });
    const allowed = (now: number) => Array.from({ length: 50 }, () => meter.take(now)).filter(Boolean).length;
    expect(allowed(0)).toBe(2);
    expect(allowed(1_000)).toBe(38);
  });
});

describe('a plan', () => {
  const options = { start: 0, days: 3, seed: 4 };
  const nothing = faultPlan('none', options);

  test.each<[name: string, minutesADay: number, of: (plan: FaultPlan) => (now: number) => boolean]>([
    ['github-down-10m', 10, (plan) => plan.gitHubIsDown],
    ['github-down-14m', 14, (plan) => plan.gitHubIsDown],
    ['github-down-3m', 3, (plan) => plan.gitHubIsDown],
    ['throttled-tenth', 14, (plan) => (now) => plan.limits(now) === 0.1],
    ['cold-region', 14, (plan) => plan.regionIsCold],
    ['all', 10, (plan) => plan.gitHubIsDown],
  ])('%s has its fault for %d minutes of each day', (name, minutes, of) => {
    const plan = faultPlan(planNamed(name) ?? 'none', options);
    expect(minutesOf(of(plan), 3)).toBeCloseTo(3 * minutes, 0);
    expect(minutesOf(of(nothing), 3)).toBe(0);
    expect(minutesOf((now) => now < 3 * 60 * MINUTE && of(plan)(now), 1)).toBe(0);
  });

  test('that exchanges the key does so once a day', () => {
    const { keyNumber } = faultPlan('key-rotated', options);
    expect([0, 1, 2, 3].map((day) => keyNumber(day * DAY))).toEqual([0, 1, 2, 3]);
  });

  test.each(['github-down', 'github-down-m', 'github-down-1000m', 'ALL', ''])('%j is none', (name) => {
    expect(planNamed(name)).toBeUndefined();
  });

  test('says what it does', () =>
    expect(planSays('github-down-3m')).toBe('GitHub answers nobody for 3 minutes of each day'));
});

describe('Parameter Store', () => {
  const scene = (faults = faultPlan('none', { start: 0, days: 1, seed: 1 })) => {
    const time = createVirtualTime(0);
    const tokens: string[] = [];
    const model = createSsmModel({
      time,
      faults,
      seed: 1,
      name: 'test',
      config: new Map(),
      readsPerSecond: 0,
      onToken: (_name, token) => tokens.push(token),
    });
    return { time, tokens, model };
  };
  const put = (Value: string) => new PutParameterCommand({ Name: '/a', Value, Description: `of ${Value}` });

  test('numbers its versions, and shows the history in pages as the service does', async () => {
    const { time, tokens, model } = scene();
    for (let number = 1; number <= 60; number += 1) {
      const written = model.ssm.send(put(`t${number}`));
      await time.run(time.now() + 1_000);
      expect(await written).toEqual({ Version: number });
    }
    expect(tokens).toHaveLength(60);
    const first = model.ssm.send(new GetParameterHistoryCommand({ Name: '/a' }));
    await time.run(time.now() + 1_000);
    const { NextToken } = await first;
    expect(NextToken).toBe('2');
    const second = model.ssm.send(new GetParameterHistoryCommand({ Name: '/a', NextToken }));
    await time.run(time.now() + 1_000);
    expect((await second).Parameters?.at(-1)).toMatchObject({
      Version: 60,
      Value: 't60',
      Description: 'of t60',
    });
  });

  test('throttles what is over forty a second, and the SDK tries that again', async () => {
    const { time, model } = scene();
    const all = Promise.allSettled(
      Array.from({ length: 60 }, (_, index) => model.ssm.send(put(`t${index}`))),
    );
    await time.run(30_000);
    const refused = (await all).filter(({ status }) => status === 'rejected').length;
    const { throttled, calls, requests } = model.report();
    expect(throttled).toBeGreaterThanOrEqual(20);
    expect(refused).toBeLessThan(10);
    expect(calls).toBe(60 + throttled - refused);
    expect(requests.limit).toBe(40);
  });

  test('gives up after four attempts', async () => {
    const { time, model } = scene({ ...faultPlan('none', { start: 0, days: 1, seed: 1 }), limits: () => 0 });
    const refused = expect(model.ssm.send(put('t'))).rejects.toMatchObject({ name: 'ThrottlingException' });
    await time.run(60_000);
    await refused;
    expect(model.report().calls).toBe(4);
  });
});
