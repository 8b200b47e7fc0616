import { expect, test } from 'vitest';
import { type Check, ok } from '../../lib/doctor/check.ts';
import { CHECKS, GATE, PROBE } from '../../lib/doctor/checks.ts';
import { runChecks } from '../../lib/doctor/run-checks.ts';
import { KmError } from '../../lib/errors.ts';
import { denied, healthyFacts } from './healthy-facts.ts';

const check = (id: string, run: Check['run']): Check => ({ id, title: id, run });
const throwing = (error: Error): Check => check('one', async () => Promise.reject(error));
const gate = check('gate', async () => [ok('in')]);
const run = (checks: readonly Check[]) => runChecks({ gate, checks, facts: healthyFacts() });

test('in a world that is whole every check of the table finds nothing wrong', async () => {
  const results = await runChecks({ gate: GATE, checks: [...CHECKS, PROBE], facts: healthyFacts() });
  const told = results.flatMap(({ findings }) => findings).filter(({ status }) => status !== 'ok');
  expect(told).toEqual([]);
  expect(new Set(results.map(({ id }) => id)).size).toBe(results.length);
});

test('results come in the order of the table, whatever ends first', async () => {
  const ended: string[] = [];
  const slow = check('slow', () => new Promise((resolve) => setTimeout(() => resolve([ok('at last')]), 20)));
  const fast = check('fast', async () => [ok('now')]);
  const results = await runChecks({
    gate,
    checks: [slow, fast],
    facts: healthyFacts(),
    onResult: ({ id }) => ended.push(id),
  });
  expect(results.map(({ id }) => id)).toEqual(['gate', 'slow', 'fast']);
  expect(ended).toEqual(['gate', 'fast', 'slow']);
});

test.each([
  ['expired credentials', 'ExpiredToken', /does not accept the credentials/, /^aws sso login/],
  ['an expired SSO session', 'CredentialsProviderError', /does not accept the credentials/, /^aws sso login/],
  ['an unreachable AWS', 'TimeoutError', /cannot be reached/, /network/],
])('with %s there is one line and no other check is run', async (_, name, finding, remedy) => {
  const facts = healthyFacts({
    caller: async () => Promise.reject(Object.assign(new Error('no'), { name })),
  });
  const results = await runChecks({
    gate: GATE,
    checks: [check('never', () => expect.unreachable())],
    facts,
  });
  expect(results).toHaveLength(1);
  expect(results[0]?.findings).toMatchObject([
    { status: 'fail', finding: expect.stringMatching(finding), remedy: expect.stringMatching(remedy) },
  ]);
});

test('what may not be looked at is skipped, by the action that is missing, and never passes', async () => {
  const results = await run([throwing(denied('kms:ListAliases'))]);
  expect(results[1]?.findings).toMatchObject([
    { status: 'skip', finding: 'not looked at: whoever runs km may not kms:ListAliases' },
  ]);
});

test('what could not be carried out has failed', async () => {
  const throttled = Object.assign(new Error('slow down'), { name: 'ThrottlingException', $metadata: {} });
  expect((await run([throwing(throttled)]))[1]?.findings).toMatchObject([
    { status: 'fail', finding: 'could not be looked at: ThrottlingException: slow down' },
  ]);
});

test('without the refresher, what it would have told is skipped', async () => {
  const results = await run([throwing(new KmError('ErrPlatformMissing', 'none'))]);
  expect(results[1]?.findings).toMatchObject([{ status: 'skip' }]);
});

test("a fault of km's own is not told as one of the cloud", async () => {
  await expect(run([throwing(new TypeError('x is undefined'))])).rejects.toThrow(TypeError);
});
