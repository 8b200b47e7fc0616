import { expect, test } from 'vitest';
import type { RefWrite } from '../../../lib/proxy/rest/ref-write.ts';
import { decide, SHA, verdict, ZEROS } from './ref-write-scene.ts';

const OPEN = { guard: { allowForcePushes: true, allowDeletions: true } } as const;
/** Patterns that match more than their writer thought of. */
const WIDE = {
  guard: { allowedRefs: ['*/main', 'H*', '[0-9a-f]*'], allowForcePushes: true, allowDeletions: true },
};
const CONTENTS: RefWrite = { kind: 'contents' };
const CREATE: RefWrite = { kind: 'create-ref' };
const UPDATE: RefWrite = { kind: 'update-ref', ref: 'refs/heads/feature/a' };

test.each<readonly [string, string | Buffer]>([
  ['text', 'sha=1'],
  ['a form', `sha=${SHA}&force=true`],
  ['a list', `[{"sha":"${SHA}"}]`],
  ['null', 'null'],
  ['a string', '"x"'],
  ['two objects', `{"sha":"${SHA}"}{"force":true}`],
  ['an object and a NUL', `{"sha":"${SHA}"}\u0000`],
  ['a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(`{"sha":"${SHA}"}`)])],
  ['UTF-16', Buffer.from(`{"sha":"${SHA}"}`, 'utf16le')],
  ['broken UTF-8', Buffer.concat([Buffer.from('{"sha":"'), Buffer.from([0xc0, 0xae]), Buffer.from('"}')])],
  ['a comment', `{"sha":"${SHA}"/*,"force":true*/}`],
  ['single quotes', `{'sha':'${SHA}'}`],
  ['blanks only', '   '],
])('a body that is %s is refused', async (_, body) => {
  expect(await verdict(UPDATE, body, OPEN)).toBe('body 400');
});

test('of a key that stands twice one value is judged, and only that is sent', async () => {
  const body = `{"branch":"main","message":"m","branch":"feature/a"}`;
  const decision = await decide(CONTENTS, body);
  expect(String(decision.allowed && decision.body)).toBe('{"branch":"feature/a","message":"m"}');
  expect(await verdict(CONTENTS, `{"branch":"feature/a","br\\u0061nch":"main"}`)).toBe('ref 403');
});

test.each<readonly [RefWrite, object]>([
  [CONTENTS, { Branch: 'main', branch: 'feature/a' }],
  [CONTENTS, { 'branch ': 'main', branch: 'feature/a' }],
  [CONTENTS, { 'branch[]': 'main', branch: 'feature/a' }],
  [CONTENTS, { ref: 'main', branch: 'feature/a' }],
  [CONTENTS, { new_branch: 'main', branch: 'feature/a' }],
  [CONTENTS, { owner: 'mallory', repo: 'x', branch: 'feature/a' }],
  [CONTENTS, { _method: 'DELETE', branch: 'feature/a' }],
  [CREATE, { ref: 'refs/heads/feature/a', sha: SHA, key: 'refs/heads/main' }],
  [{ kind: 'delete-ref', ref: 'refs/heads/feature/a' }, { ref: 'refs/heads/main' }],
  [{ kind: 'update-pull-branch', number: 1 }, { update_method: 'rebase' }],
  [UPDATE, JSON.parse(`{"__proto__":{"force":true},"sha":"${SHA}"}`)],
  [UPDATE, { constructor: 1, sha: SHA }],
])('%o refuses what GitHub does not document: %o', async (write, body) => {
  expect(await verdict(write, body, OPEN)).toBe('body 400');
});

test.each<readonly [RefWrite, object]>([
  [CONTENTS, { branch: ['main'] }],
  [CONTENTS, { branch: { name: 'main' } }],
  [CONTENTS, { branch: 1 }],
  [CONTENTS, { branch: false }],
  [CONTENTS, { branch: '' }],
  [UPDATE, { sha: SHA, force: 'false' }],
  [UPDATE, { sha: SHA, force: 1 }],
  [UPDATE, { sha: SHA, force: 'true' }],
  [UPDATE, { sha: SHA, force: [] }],
  [UPDATE, { sha: ZEROS }],
  [UPDATE, { sha: '0'.repeat(64) }],
  [UPDATE, { sha: SHA.slice(1) }],
  [UPDATE, { sha: `${SHA}\n` }],
  [UPDATE, { sha: 'main' }],
  [UPDATE, { force: false }],
  [UPDATE, {}],
  [CREATE, { sha: SHA }],
  [CREATE, { ref: null, sha: SHA }],
  [CREATE, { ref: 'heads/main', sha: SHA }],
  [CREATE, { ref: 'refs/main', sha: SHA }],
  [CREATE, { ref: '/refs/heads/main', sha: SHA }],
  [CREATE, { ref: 'refs//heads/main', sha: SHA }],
  [CREATE, { ref: 'refs/heads/feature/../../heads/main', sha: SHA }],
  [CREATE, { ref: 'refs/heads/feature/./a', sha: SHA }],
  [CREATE, { ref: 'refs/heads/main ', sha: SHA }],
  [CREATE, { ref: 'refs/heads/main\u0000feature/a', sha: SHA }],
  [CREATE, { ref: 'refs/heads/main\nrefs/heads/x', sha: SHA }],
  [CREATE, { ref: 'refs/heads/x.lock', sha: SHA }],
  [CREATE, { ref: 'refs/heads/x@{1}', sha: SHA }],
  [CREATE, { ref: 'refs/heads/\ud800', sha: SHA }],
  [CREATE, { ref: 'refs/heads/a\u202eb', sha: SHA }],
  [CREATE, { ref: `refs/heads/${'x'.repeat(2000)}`, sha: SHA }],
  [{ kind: 'merge' }, { base: 'feature/a' }],
  [{ kind: 'merge' }, { base: 'feature/a', head: 'mallory:main' }],
  [{ kind: 'merge' }, { base: 'feature/a', head: 'main^{/x}' }],
  [{ kind: 'merge' }, { base: SHA, head: 'main' }],
  [{ kind: 'merge-upstream' }, {}],
  [{ kind: 'rename-branch', branch: 'feature/a' }, {}],
  [{ kind: 'write-pull' }, { head: 'acme:app:x' }],
  [{ kind: 'write-pull' }, { head: ':x' }],
  [{ kind: 'write-pull' }, { head: '../mallory:x' }],
  [{ kind: 'write-pull' }, { head: 'x', head_repo: '..' }],
  [{ kind: 'write-pull' }, { head: 'x', head_repo: 'a/b/c' }],
  [{ kind: 'write-release' }, { tag_name: '../heads/main' }],
  [{ kind: 'write-release' }, { tag_name: 'refs/heads/main' }],
  [{ kind: 'write-release' }, { tag_name: 'v1', target_commitish: 'mallory:main' }],
  [{ kind: 'workflow-dispatch' }, {}],
  [{ kind: 'workflow-dispatch' }, { ref: SHA }],
  [{ kind: 'workflow-dispatch' }, { ref: 'refs/pull/1/merge' }],
  [{ kind: 'workflow-dispatch' }, { ref: 'heads/main' }],
  [{ kind: 'repository-dispatch' }, {}],
])('%o refuses %o, whatever the policy', async (write, body) => {
  expect(await verdict(write, body, OPEN)).toBe('body 400');
});

test.each([
  'refs/heads/main',
  'heads/main',
  'remotes/origin/main',
  'tags/main',
  'HEAD',
  'head',
  'FETCH_HEAD',
  SHA,
  '@',
  '-f',
])(
  'the branch name %s, which git looks up as something else, is refused also where a pattern matches it',
  async (branch) => {
    expect(await verdict(CONTENTS, { branch }, WIDE)).toBe('body 400');
    expect(await verdict({ kind: 'rename-branch', branch }, { new_name: 'x/main' }, WIDE)).toBe('path 400');
  },
);

test.each(['refs/heads/a..b', 'refs/heads/a/', 'heads/main', 'refs/heads/a b', 'refs/heads/a\u0007'])(
  'the path’s ref %j is refused',
  async (ref) => {
    expect(await verdict({ kind: 'update-ref', ref }, { sha: SHA }, OPEN)).toBe('path 400');
    expect(await verdict({ kind: 'delete-ref', ref }, undefined, OPEN)).toBe('path 400');
  },
);

test('numbers that would be changed by being written again are refused', async () => {
  const dispatch = (payload: string) =>
    verdict({ kind: 'repository-dispatch' }, `{"event_type":"x","client_payload":${payload}}`, OPEN);
  expect(await dispatch('{"id":12345678901234567890}')).toBe('body 400');
  expect(await dispatch('{"id":[1e999]}')).toBe('body 400');
  expect(await dispatch('{"id":1234567890,"x":-0.5}')).toBe('allowed');
});

test('a body nested deeper than any of GitHub’s is refused, and ends no stack', async () => {
  const deep = '['.repeat(1_000_000) + ']'.repeat(1_000_000);
  const body = `{"event_type":"x","client_payload":${deep}}`;
  expect(await verdict({ kind: 'repository-dispatch' }, body, OPEN)).toBe('body 400');
});

test('a body of more than 16 MiB is refused', async () => {
  const content = 'x'.repeat(16 * 1024 * 1024);
  expect(await verdict(CONTENTS, { branch: 'feature/a', content }, OPEN)).toBe('body 413');
});

test('no reason shows what gives a terminal orders', async () => {
  const decision = await decide(CONTENTS, { '\u001b[2J\u202e': 1 }, OPEN);
  expect(decision).toMatchObject({ reason: "[km] GitHub documents no parameter '?[2J?' for this route." });
});

test('no body goes out where none came in', async () => {
  const decision = await decide({ kind: 'delete-ref', ref: 'refs/heads/x' }, undefined, OPEN);
  expect(decision.allowed && decision.body.length).toBe(0);
});
