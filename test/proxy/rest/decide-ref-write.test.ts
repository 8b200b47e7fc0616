import { expect, test } from 'vitest';
import type { RefWrite } from '../../../lib/proxy/rest/ref-write.ts';
import { decide, GUARD, lookups, REPO, SHA, verdict, ZEROS } from './ref-write-scene.ts';

const OPEN = { allowForcePushes: true, allowDeletions: true } as const;
const heads = (name: string): RefWrite => ({ kind: 'update-ref', ref: `refs/heads/${name}` });
const gone = (ref: string): RefWrite => ({ kind: 'delete-ref', ref });

type Row = readonly [claim: string, write: RefWrite, body: unknown];

const ALLOWED: readonly Row[] = [
  ['a branch is made', { kind: 'create-ref' }, { ref: 'refs/heads/feature/a', sha: SHA }],
  ['a tag is made', { kind: 'create-ref' }, { ref: 'refs/tags/v1.0', sha: SHA }],
  ['a branch is moved forward', heads('feature/a'), { sha: SHA }],
  ['a branch is moved forward, said so', heads('feature/a'), { sha: SHA, force: false }],
  ['null is no force', heads('feature/a'), { sha: SHA, force: null }],
  ['a branch is merged into', { kind: 'merge' }, { base: 'feature/a', head: 'main', commit_message: 'm' }],
  ['a commit is merged in', { kind: 'merge' }, { base: 'feature/a', head: SHA }],
  ['upstream is merged', { kind: 'merge-upstream' }, { branch: 'feature/a' }],
  ['a file is written', { kind: 'contents' }, { message: 'm', content: 'eA==', branch: 'feature/a' }],
  [
    'a file is written with unused nulls',
    { kind: 'contents' },
    { content: null, sha: null, branch: 'release/1' },
  ],
  ['a pull request is merged', { kind: 'merge-pull', number: 1 }, { merge_method: 'squash', sha: SHA }],
  ['a pull request is merged without a body', { kind: 'merge-pull', number: 1 }, undefined],
  ['one of a fork is merged', { kind: 'merge-pull', number: 3 }, undefined],
  ['a pull branch is updated', { kind: 'update-pull-branch', number: 1 }, { expected_head_sha: SHA }],
  [
    'a pull request is opened',
    { kind: 'write-pull' },
    { title: 't', head: 'any', base: 'release/1', draft: true },
  ],
  [
    'a pull request is opened from its own owner',
    { kind: 'write-pull' },
    { head: 'ACME:any', base: 'release/1' },
  ],
  ['a pull request is closed', { kind: 'write-pull' }, { state: 'closed', body: null }],
  ['a release is made', { kind: 'write-release' }, { tag_name: 'v1', target_commitish: 'main' }],
  ['a release is published', { kind: 'write-release', id: 1 }, { tag_name: 'v1', draft: false }],
  ['a workflow is run', { kind: 'workflow-dispatch' }, { ref: 'feature/a', inputs: { x: '1' } }],
  ['a workflow of a tag is run', { kind: 'workflow-dispatch' }, { ref: 'refs/tags/v1' }],
];

test.each(ALLOWED)('%s', async (_, write, body) => {
  expect(await verdict(write, body)).toBe('allowed');
});

const NOT_ALLOWED: readonly (readonly [...Row, verdict: string])[] = [
  [
    'make a branch outside allowedRefs',
    { kind: 'create-ref' },
    { ref: 'refs/heads/main', sha: SHA },
    'ref 403',
  ],
  [
    'make a tag of a branch’s pattern',
    { kind: 'create-ref' },
    { ref: 'refs/tags/release/1', sha: SHA },
    'ref 403',
  ],
  ['make a ref outside heads and tags', { kind: 'create-ref' }, { ref: 'refs/notes/x', sha: SHA }, 'ref 403'],
  ['move another branch', heads('main'), { sha: SHA }, 'ref 403'],
  ['force a branch', heads('feature/a'), { sha: SHA, force: true }, 'force 403'],
  [
    'move a tag, though git would call it forward',
    { kind: 'update-ref', ref: 'refs/tags/v1' },
    { sha: SHA },
    'force 403',
  ],
  ['move a branch to an id of all f', heads('feature/a'), { sha: 'f'.repeat(40), force: true }, 'force 403'],
  ['delete a branch', gone('refs/heads/feature/a'), undefined, 'deletion 403'],
  ['delete another branch', gone('refs/heads/main'), undefined, 'ref 403'],
  ['merge into another branch', { kind: 'merge' }, { base: 'main', head: 'feature/a' }, 'ref 403'],
  ['merge upstream into another branch', { kind: 'merge-upstream' }, { branch: 'main' }, 'ref 403'],
  ['write a file into another branch', { kind: 'contents' }, { branch: 'main' }, 'ref 403'],
  [
    'write a file into the default branch by leaving it out',
    { kind: 'contents' },
    { message: 'm' },
    'ref 403',
  ],
  ['write a file into the default branch by null', { kind: 'contents' }, { branch: null }, 'ref 403'],
  ['delete a file of the default branch without a body', { kind: 'contents' }, undefined, 'ref 403'],
  [
    'rename away an allowed branch',
    { kind: 'rename-branch', branch: 'feature/a' },
    { new_name: 'feature/b' },
    'deletion 403',
  ],
  ['rename another branch', { kind: 'rename-branch', branch: 'main' }, { new_name: 'feature/b' }, 'ref 403'],
  [
    'rename to another branch',
    { kind: 'rename-branch', branch: 'feature/a' },
    { new_name: 'main' },
    'deletion 403',
  ],
  ['merge a pull request into another branch', { kind: 'merge-pull', number: 2 }, {}, 'ref 403'],
  ['merge a pull request of another repo', { kind: 'merge-pull', number: 5 }, {}, 'repo 403'],
  ['update another branch by its pull request', { kind: 'update-pull-branch', number: 2 }, {}, 'ref 403'],
  ['update the branch of a fork', { kind: 'update-pull-branch', number: 3 }, {}, 'repo 403'],
  ['update the branch of a fork that is gone', { kind: 'update-pull-branch', number: 4 }, {}, 'repo 403'],
  ['have a pull request aim at another branch', { kind: 'write-pull' }, { base: 'main' }, 'ref 403'],
  [
    'open a pull request from a fork',
    { kind: 'write-pull' },
    { head: 'mallory:x', base: 'release/1' },
    'repo 403',
  ],
  [
    'open one from a repo of the same owner',
    { kind: 'write-pull' },
    { head: 'x', head_repo: 'other' },
    'repo 403',
  ],
  ['open one from a full name', { kind: 'write-pull' }, { head: 'x', head_repo: 'mallory/app' }, 'repo 403'],
  [
    'hide a fork behind an allowed head_repo',
    { kind: 'write-pull' },
    { head: 'mallory:x', head_repo: 'acme/app' },
    'repo 403',
  ],
  ['name a fork by head_repo alone', { kind: 'write-pull' }, { head_repo: 'mallory/app' }, 'repo 403'],
  ['make another tag by a release', { kind: 'write-release' }, { tag_name: 'nightly' }, 'ref 403'],
  ['have a release choose its tag', { kind: 'write-release' }, { name: 'v1' }, 'body 400'],
  [
    'publish a draft that is to have another tag',
    { kind: 'write-release', id: 2 },
    { draft: false },
    'ref 403',
  ],
  ['publish a draft without a tag', { kind: 'write-release', id: 3 }, { draft: false }, 'body 400'],
  ['publish a draft with no name for a tag', { kind: 'write-release', id: 4 }, { draft: false }, 'body 400'],
  ['retag a release', { kind: 'write-release', id: 1 }, { tag_name: 'nightly' }, 'ref 403'],
  ['run workflows of the default branch', { kind: 'repository-dispatch' }, { event_type: 'x' }, 'ref 403'],
  ['run a workflow of another branch', { kind: 'workflow-dispatch' }, { ref: 'main' }, 'ref 403'],
  [
    'run a workflow of another branch by its full name',
    { kind: 'workflow-dispatch' },
    { ref: 'refs/heads/main' },
    'ref 403',
  ],
];

test.each(NOT_ALLOWED)('nobody can %s', async (_, write, body, expected) => {
  expect(await verdict(write, body)).toBe(expected);
});

test.each(NOT_ALLOWED.filter(([, , , expected]) => /^(?:ref|deletion|force) /.test(expected)))(
  'where any ref, force and deletions are allowed, one can %s',
  async (_, write, body) => {
    expect(await verdict(write, body, { guard: OPEN })).toBe('allowed');
  },
);

test.each(NOT_ALLOWED.filter(([claim, , , expected]) => expected === 'repo 403' && !/gone|hide/.test(claim)))(
  'where every repo is allowed, one can %s',
  async (claim, write, body) => {
    const expected = claim === 'merge a pull request of another repo' ? 'repo 403' : 'allowed';
    expect(await verdict(write, body, { guard: OPEN, allowedRepos: ['*'] })).toBe(expected);
  },
);

test('a fork may be the head where all of its owner’s repos are allowed, or it is named', async () => {
  const head = { head: 'Bot:fix', base: 'release/1' };
  const asked = (body: object, allowedRepos: readonly string[]) =>
    verdict({ kind: 'write-pull' }, body, { allowedRepos });
  expect(await asked(head, [REPO, 'bot/*'])).toBe('allowed');
  expect(await asked(head, [REPO, 'bot/app'])).toBe('repo 403');
  expect(await asked({ ...head, head_repo: 'App' }, [REPO, 'bot/app'])).toBe('allowed');
});

test('the tag that a draft is to have is written into the body as well', async () => {
  const decided = await decide({ kind: 'write-release', id: 1 }, { draft: false });
  expect(decided.allowed && JSON.parse(decided.body.toString())).toEqual({ draft: false, tag_name: 'v1.0' });
});

test('the default branch is written into the body, so that what was judged is what is done', async () => {
  const guard = { ...GUARD, allowedRefs: ['main'] };
  const decision = await decide({ kind: 'contents' }, { message: 'm', branch: null }, { guard });
  expect(decision).toMatchObject({ allowed: true, refs: [{ ref: 'refs/heads/main' }] });
  expect(String(decision.allowed && decision.body)).toBe('{"message":"m","branch":"main"}');
  const bare = await decide({ kind: 'contents' }, undefined, { guard });
  expect(String(bare.allowed && bare.body)).toBe('{"branch":"main"}');
});

test('GitHub is not asked for the default branch where any ref may be pushed to', async () => {
  const asked = { ...lookups, defaultBranch: () => Promise.reject(new TypeError('asked')) };
  const decision = await decide({ kind: 'contents' }, { message: 'm' }, { guard: OPEN, lookups: asked });
  expect(String(decision.allowed && decision.body)).toBe('{"message":"m"}');
});

test.each<readonly [string, string]>([
  ['release/1', 'refs/heads/release/1'],
  ['v1', 'refs/tags/v1'],
  ['feature/a', 'feature/a'],
])('a workflow’s ref %s is sent as %s: a tag of the name of a branch is no way around', async (ref, sent) => {
  const decision = await decide({ kind: 'workflow-dispatch' }, { ref });
  expect(JSON.parse(String(decision.allowed && decision.body))).toEqual({ ref: sent });
});

test('what cannot be asked of GitHub is refused', async () => {
  expect(await verdict({ kind: 'merge-pull', number: 99 }, {})).toBe('upstream 502');
});

test('a refusal has the words of a refused push, the repo, the refs and what to change', async () => {
  expect(await decide(heads('dev'), { sha: SHA })).toEqual({
    allowed: false,
    rule: 'ref',
    status: 403,
    reason: "[km] Push to 'dev' denied -- not in allowedRefs: feature/* refs/heads/release/* refs/tags/v*",
    remedy: 'Use a ref that allowedRefs names, or have this one added to it.',
    repo: REPO,
    refs: [{ ref: 'refs/heads/dev', oldId: ZEROS, newId: SHA, isForced: false }],
  });
});

test('ids are told in lower case, and as all zeros where they are not known', async () => {
  const made = await decide({ kind: 'create-ref' }, { ref: 'refs/heads/feature/a', sha: SHA.toUpperCase() });
  expect(made).toMatchObject({ refs: [{ ref: 'refs/heads/feature/a', oldId: ZEROS, newId: SHA }] });
  const merged = await decide({ kind: 'merge' }, { base: 'feature/a', head: 'main' });
  expect(merged).toMatchObject({ refs: [{ ref: 'refs/heads/feature/a', oldId: ZEROS, newId: ZEROS }] });
});

test('what only decides about later moves no ref in the audit log', async () => {
  expect(await decide({ kind: 'write-pull' }, { base: 'release/1' })).toMatchObject({ refs: [] });
  expect(await decide({ kind: 'workflow-dispatch' }, { ref: 'feature/a' })).toMatchObject({ refs: [] });
});
