import { expect, test } from 'vitest';
import { awaitInstallation } from '../../lib/app/setup-wait.ts';
import { resourceNames } from '../../lib/broker/names.ts';
import type { SandboxContext } from '../../lib/sandbox/context.ts';
import { refusal } from '../github/refusal.ts';

const installation = {
  id: 5,
  account: 'my-user',
  type: 'User',
  repository_selection: 'all',
  permissions: {},
  suspended: false,
};
const answer = (more: object = {}) => ({
  configured: true,
  jwt: { ok: true },
  installations: [],
  stored_installations: [],
  problems: [],
  ...more,
});
const problem = { code: 'ErrGitHubKeyOfAnotherApp', message: 'not this key', remedy: 'another key' };
const refused = answer({ jwt: { ok: false, problem }, problems: [problem] });

/** A refresher that answers with these in turn, the last one for ever; an Error is a failed call. */
const waiting = (answers: readonly (object | Error)[]) => {
  const slept: number[] = [];
  const controller = new AbortController();
  let asked = 0;
  const send = async () => {
    const next = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    if (next instanceof Error) throw next;
    return { Payload: { transformToString: () => JSON.stringify(next) } };
  };
  const context: SandboxContext = {
    names: resourceNames(),
    region: 'us-east-1',
    client: <Client>() => ({ send }) as Client,
    now: async () => 0,
    sleep: async (ms) => {
      slept.push(ms);
      if (slept.length >= 20) controller.abort();
    },
    randomBytes: (length) => new Uint8Array(length),
  };
  const told: number[] = [];
  const result = awaitInstallation(context, { signal: controller.signal, onWait: (ms) => told.push(ms) });
  return { result, slept, told, asked: () => asked };
};

test('the first installation ends the waiting', async () => {
  const { result, slept, told } = waiting([answer(), answer(), answer({ installations: [installation] })]);
  expect(await result).toMatchObject({ installations: [installation] });
  expect(slept).toEqual([1000, 1500]);
  expect(told).toEqual([0, 1000]);
});

test('it asks ever more rarely, down to every ten seconds, until the signal', async () => {
  const { result, slept } = waiting([answer()]);
  expect(await result).toBeUndefined();
  expect(slept.slice(0, 7).map(Math.round)).toEqual([1000, 1500, 2250, 3375, 5063, 7594, 10_000]);
  expect(slept.at(-1)).toBe(10_000);
});

test.each([
  ['a call that fails', new Error('socket hang up')],
  ['an App that GitHub does not know yet', refused],
])('%s is tried again', async (_what, first) => {
  const { result } = waiting([first, first, first, first, answer({ installations: [installation] })]);
  expect(await result).toMatchObject({ installations: [installation] });
});

test('what stays wrong with the App is told, with its remedy', async () => {
  const { result, asked } = waiting([refused]);
  expect(await refusal(result)).toMatchObject(problem);
  expect(asked()).toBe(5);
});

test('failures count only in a row', async () => {
  const { result } = waiting([
    ...Array(4).fill(refused),
    answer(),
    ...Array(4).fill(refused),
    answer({ installations: [installation] }),
  ]);
  expect(await result).toMatchObject({ installations: [installation] });
});
