import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ProxyPolicy } from '../../lib/proxy/proxy-policy.ts';
import { closedPolicy } from '../../lib/sandbox/proxy-policy.ts';
import { type WatchedPolicy, watchPolicy } from '../../lib/sandbox/watch-policy.ts';

const policyOf = (...allowedRepos: string[]): ProxyPolicy => ({
  ...closedPolicy('sb-1234abcd'),
  allowedRepos,
});

let read: () => Promise<ProxyPolicy>;
let changes: (readonly string[])[];
let problems: string[];
let watched: WatchedPolicy;

beforeEach(() => {
  changes = [];
  problems = [];
  read = async () => policyOf('a/b');
  watched = watchPolicy({
    first: policyOf('a/b'),
    read: () => read(),
    every: 3_600_000,
    onChange: ({ allowedRepos }) => changes.push(allowedRepos),
    onProblem: (error) => problems.push(String(error)),
  });
});

afterEach(() => watched.stop());

test('a changed policy is in force once it was read, and told once', async () => {
  read = async () => policyOf('a/b', 'c/d');
  await watched.reload();
  await watched.reload();
  expect(watched.current().allowedRepos).toEqual(['a/b', 'c/d']);
  expect(changes).toEqual([['a/b', 'c/d']]);
});

test('one that cannot be read leaves the last good one in force, and is told once for each reason', async () => {
  read = async () => policyOf('c/d');
  await watched.reload();
  for (const reason of ['line 3', 'line 3', 'line 4']) {
    read = async () => {
      throw new TypeError(reason);
    };
    await watched.reload();
  }
  expect(watched.current().allowedRepos).toEqual(['c/d']);
  expect(problems).toEqual(['TypeError: line 3', 'TypeError: line 4']);
});

test('a problem that comes back after a good read is told again', async () => {
  const bad = async (): Promise<ProxyPolicy> => {
    throw new TypeError('gone');
  };
  for (const next of [bad, async () => policyOf('a/b'), bad]) {
    read = next;
    await watched.reload();
  }
  expect(problems).toHaveLength(2);
});

test('a reload that is asked for during a look is a look of its own', async () => {
  let finish: (policy: ProxyPolicy) => void = () => undefined;
  read = () =>
    new Promise((resolve) => {
      finish = resolve;
    });
  const first = watched.reload();
  await Promise.resolve();
  const second = watched.reload();
  read = async () => policyOf('new/one');
  finish(policyOf('old/one'));
  await Promise.all([first, second]);
  expect(watched.current().allowedRepos).toEqual(['new/one']);
});

test('what is read after it was stopped changes nothing', async () => {
  let finish: (policy: ProxyPolicy) => void = () => undefined;
  read = () =>
    new Promise((resolve) => {
      finish = resolve;
    });
  const looking = watched.reload();
  await Promise.resolve();
  await watched.stop();
  finish(policyOf('late/one'));
  await looking;
  expect(watched.current().allowedRepos).toEqual(['a/b']);
});
