import { expect, test } from 'vitest';
import { decidePush, type RefUpdate, refMatches } from '../../lib/guard/decide-push.ts';
import type { GuardPolicy } from '../../lib/guard/guard-policy.ts';

const ZERO = '0'.repeat(40);
const OLD = 'a'.repeat(40);
const NEW = 'b'.repeat(40);

const LISTED: GuardPolicy = {
  allowedRefs: ['main', 'release/*'],
  allowForcePushes: false,
  allowDeletions: false,
};
const ANY: GuardPolicy = { allowForcePushes: false, allowDeletions: false };
const NONE: GuardPolicy = { allowedRefs: [], allowForcePushes: true, allowDeletions: true };

const forward = (ref: string): RefUpdate => ({ ref, oldId: OLD, newId: NEW, isForced: false });
const forced = (ref: string): RefUpdate => ({ ref, oldId: OLD, newId: NEW, isForced: true });
const created = (ref: string): RefUpdate => ({ ref, oldId: ZERO, newId: NEW });
const deleted = (ref: string): RefUpdate => ({ ref, oldId: OLD, newId: ZERO });

const messages = (policy: GuardPolicy, ...updates: RefUpdate[]): string[] =>
  decidePush(policy, updates).map(({ message }) => message);

test.each([
  ['main', 'refs/heads/main', true],
  ['main', 'refs/tags/main', true],
  ['main', 'refs/notes/main', false],
  ['main', 'main', false],
  ['*', 'refs/heads/a/b', true],
  ['*', 'refs/tags/v1', true],
  ['*', 'refs/notes/commits', false],
  ['*', 'refs/pull/1/head', false],
  ['refs/*', 'refs/notes/commits', true],
  ['refs/heads/*', 'refs/heads/a/b', true],
  ['refs/heads/*', 'refs/tags/v1', false],
  ['refs/heads/main', 'refs/heads/refs/heads/main', false],
  ['heads/main', 'refs/heads/main', false],
  ['heads/main', 'refs/heads/heads/main', true],
  ['refs*', 'refs/heads/refsx', true],
])('the pattern %s over the ref %s: %s', (pattern, ref, expected) => {
  expect(refMatches(pattern, ref)).toBe(expected);
});

test('a branch outside allowedRefs is denied with the pattern list', () => {
  expect(messages(LISTED, forward('refs/heads/dev'))).toEqual([
    "[km] Push to 'dev' denied -- not in allowedRefs: main release/*",
  ]);
});

test('every denied ref of a push gets its line, in the order of the push', () => {
  const push = [
    created('refs/heads/dev'),
    forward('refs/heads/main'),
    deleted('refs/heads/release/1'),
    created('refs/tags/v1'),
    forced('refs/heads/release/2'),
    created('refs/notes/commits'),
  ];
  expect(decidePush(LISTED, push)).toEqual([
    {
      ref: 'refs/heads/dev',
      reason: 'ref',
      message: "[km] Push to 'dev' denied -- not in allowedRefs: main release/*",
    },
    {
      ref: 'refs/heads/release/1',
      reason: 'deletion',
      message: "[km] Deletion of 'release/1' denied -- allowDeletions is not set",
    },
    {
      ref: 'refs/tags/v1',
      reason: 'ref',
      message: "[km] Push to 'v1' denied -- not in allowedRefs: main release/*",
    },
    {
      ref: 'refs/heads/release/2',
      reason: 'force',
      message: "[km] Forced push to 'release/2' denied -- allowForcePushes is not set",
    },
    {
      ref: 'refs/notes/commits',
      reason: 'ref',
      message: "[km] Push to 'refs/notes/commits' denied -- not in allowedRefs: main release/*",
    },
  ]);
});

test.each([
  ['a fast-forward', forward('refs/heads/x'), undefined],
  ['a new branch', created('refs/heads/x'), undefined],
  ['a new tag', created('refs/tags/x'), undefined],
  ['a new branch in a SHA-256 repository', { ...created('refs/heads/x'), oldId: '0'.repeat(64) }, undefined],
  ['an update that changes nothing', { ref: 'refs/heads/x', oldId: OLD, newId: OLD }, undefined],
  ['a forced update', forced('refs/heads/x'), 'force'],
  [
    'an update that is not known to be a fast-forward',
    { ref: 'refs/heads/x', oldId: OLD, newId: NEW },
    'force',
  ],
  ['a tag that moves forward', forward('refs/tags/x'), 'force'],
  ['a deletion', deleted('refs/heads/x'), 'deletion'],
  ['a deletion in a SHA-256 repository', { ...deleted('refs/heads/x'), newId: '0'.repeat(64) }, 'deletion'],
])('without allowedRefs, %s: %o gives %s', (_, update, reason) => {
  expect(decidePush(ANY, [update]).map((denied) => denied.reason)).toEqual(reason ? [reason] : []);
});

test('forced pushes and deletions pass once they are allowed', () => {
  const policy = { ...LISTED, allowForcePushes: true, allowDeletions: true };
  expect(decidePush(policy, [forced('refs/heads/main'), deleted('refs/heads/release/1')])).toEqual([]);
});

test('one permission does not grant the other', () => {
  expect(decidePush({ ...ANY, allowForcePushes: true }, [deleted('refs/heads/x')])).toHaveLength(1);
  expect(decidePush({ ...ANY, allowDeletions: true }, [forced('refs/heads/x')])).toHaveLength(1);
});

test('a forced push or deletion outside allowedRefs is told as outside allowedRefs', () => {
  const denied = decidePush(LISTED, [forced('refs/heads/dev'), deleted('refs/heads/dev')]);
  expect(denied.map(({ reason }) => reason)).toEqual(['ref', 'ref']);
});

test('an empty allowedRefs denies every ref', () => {
  expect(messages(NONE, created('refs/heads/main'), deleted('refs/tags/v1'))).toEqual([
    "[km] Push to 'main' denied -- not in allowedRefs: (none)",
    "[km] Push to 'v1' denied -- not in allowedRefs: (none)",
  ]);
});

test('a name cannot write to the terminal through the message', () => {
  expect(messages(LISTED, created("refs/heads/a\u001b[2J\n\u202e'b"))).toEqual([
    "[km] Push to 'a?[2J???b' denied -- not in allowedRefs: main release/*",
  ]);
});

test('an empty push is not denied', () => {
  expect(decidePush(NONE, [])).toEqual([]);
});
