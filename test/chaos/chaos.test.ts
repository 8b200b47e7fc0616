import { expect, test } from 'vitest';
import { describePlan, makePlan } from './plan.ts';
import { runChaos } from './run-chaos.ts';

const SHORT = { seed: 332, sandboxes: 6, minutes: 50, rounds: 4 };

test('the same seed is the same plan, and another seed another', () => {
  const full = { seed: 3, sandboxes: 50, minutes: 60, rounds: 12 };
  expect(makePlan(full)).toEqual(makePlan(full));
  expect(makePlan({ ...full, seed: 4 }).chaos).not.toEqual(makePlan(full).chaos);
});

test('a plan of the full length has every kind of fault, act and restart', () => {
  const plans = [1, 2, 3, 4].map((seed) => makePlan({ seed, sandboxes: 50, minutes: 60, rounds: 12 }));
  const told = plans.flatMap(describePlan).join('\n');
  for (const word of ['kill":true', 'lost":true', 'throttle', 'reset', '502', 'freshToken', 'clockSkewMs']) {
    expect(told).toContain(word);
  }
  for (const word of ['suspended', 'repositories', 'local cloud: stop', 'local cloud: SIGKILL']) {
    expect(told).toContain(word);
  }
  for (const kind of ['create', 'destroy', 'pause', 'resume', 'extend', 'update', 'revoke', 'refresh']) {
    expect(told).toMatch(new RegExp(`\\b${kind} sb-`));
  }
  expect(told).toMatch(/killed before call \d/);
  expect(told).toMatch(/killed after call \d/);
});

test('after faults, kills and restarts every sandbox has a working token or a reason, and nothing is left of others', async () => {
  const plan = makePlan(SHORT);
  const said: string[] = [];
  const { findings } = await runChaos(plan, {
    sweep: 2,
    calmStepMinutes: 22,
    git: 1,
    log: (line) => said.push(line),
  });
  expect(findings, [...describePlan(plan), ...said].join('\n')).toEqual([]);
}, 240_000);
