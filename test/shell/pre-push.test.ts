import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makePushRepo, type PushRepo } from './push-repo.ts';
import { makePlace, type Place, type PolicyOptions, type Ran, run } from './scripts.ts';

const LISTED: PolicyOptions = { refs: ['main', 'release/*'] };
let place: Place;

beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

describe.each(['sha1', 'sha256'] as const)('in a %s repo, a push', (format) => {
  let repo: PushRepo;
  let zero: string;

  beforeAll(async () => {
    repo = await makePushRepo(join(place.root, format), format);
    zero = '0'.repeat(repo.base.length);
  });
  beforeEach(() => place.setPolicy(LISTED));

  const push = (...lines: string[]): Promise<Ran> =>
    run(`${place.scripts}/hooks/pre-push`, ['origin', 'https://github.com/my-user/my-repo.git'], {
      cwd: repo.folder,
      env: { HOME: place.home },
      input: lines.map((line) => `${line}\n`).join(''),
    });
  const creates = (ref: string): string => `refs/heads/local ${repo.base} ${ref} ${zero}`;
  const deletes = (ref: string): string => `(delete) ${zero} ${ref} ${repo.base}`;
  const moves = (ref: string, from: string, to: string): string => `refs/heads/local ${to} ${ref} ${from}`;
  const passed = { status: 0, stdout: '', stderr: '' };
  const denied = (...messages: string[]) => ({
    status: 1,
    stdout: '',
    stderr: messages.map((each) => `[km] ${each}\n`).join(''),
  });

  test.each([
    ['a listed branch', 'refs/heads/main'],
    ['a branch of a listed pattern', 'refs/heads/release/1'],
    ['a branch of a listed pattern, across slashes', 'refs/heads/release/1/2/3'],
    ['a tag of a listed name', 'refs/tags/main'],
  ])('to %s passes', async (_, ref) => {
    expect(await push(creates(ref))).toEqual(passed);
  });

  test('of nothing passes', async () => {
    expect(await push()).toEqual(passed);
  });

  test('to another branch is denied by its short name', async () => {
    expect(await push(creates('refs/heads/dev'))).toEqual(
      denied("Push to 'dev' denied -- not in allowedRefs: main release/*"),
    );
  });

  test('of many refs names each one that is denied, and no other', async () => {
    const refs = [
      'refs/heads/main',
      'refs/heads/dev',
      'refs/tags/v1',
      'refs/heads/release/2',
      'refs/notes/x',
      'refs/heads/mainly',
    ];
    expect(await push(...refs.map(creates))).toEqual(
      denied(
        ...['dev', 'v1', 'refs/notes/x', 'mainly'].map(
          (name) => `Push to '${name}' denied -- not in allowedRefs: main release/*`,
        ),
      ),
    );
  });

  test.each([
    [['refs/heads/main'], 'refs/heads/main', true],
    [['refs/heads/main'], 'refs/tags/main', false],
    [['refs/tags/v*'], 'refs/tags/v1.0', true],
    [['refs/tags/v*'], 'refs/heads/v1.0', false],
    [['refs/*'], 'refs/notes/commits', true],
    [['*'], 'refs/heads/a/b', true],
    [['*'], 'refs/notes/commits', false],
    [['release'], 'refs/heads/release/1', false],
    [['v[0-9]'], 'refs/tags/v7', true],
    [['v[0-9]'], 'refs/tags/vx', false],
    [['v?'], 'refs/tags/vx', true],
    [['MAIN'], 'refs/heads/main', false],
    [['main'], 'refs/heads/refs/heads/main', false],
    [['[a-z]'], 'refs/heads/B', false],
    [['a+', '@x'], 'refs/heads/a+', true],
  ])('with %j allowed, to %s: %s', async (refs, ref, isAllowed) => {
    place.setPolicy({ refs });
    expect((await push(creates(ref))).status).toBe(isAllowed ? 0 : 1);
  });

  test('to any ref passes where no list is set', async () => {
    place.setPolicy({});
    expect(await push(creates('refs/heads/dev'), creates('refs/notes/x'))).toEqual(passed);
  });

  test('to any ref is denied where the list is empty', async () => {
    place.setPolicy({ refs: [] });
    expect(await push(creates('refs/heads/main'))).toEqual(
      denied("Push to 'main' denied -- not in allowedRefs: (none)"),
    );
  });

  test('that deletes is denied unless deletions are allowed', async () => {
    expect(await push(deletes('refs/heads/main'))).toEqual(
      denied("Deletion of 'main' denied -- allowDeletions is not set"),
    );
    place.setPolicy({ ...LISTED, delete: true });
    expect(await push(deletes('refs/heads/main'))).toEqual(passed);
    expect(await push(deletes('refs/heads/dev'))).toEqual(
      denied("Push to 'dev' denied -- not in allowedRefs: main release/*"),
    );
  });

  test('that fast-forwards passes, and one that loses commits is denied unless forced pushes are allowed', async () => {
    expect(await push(moves('refs/heads/main', repo.base, repo.ahead))).toEqual(passed);
    expect(await push(moves('refs/heads/main', repo.base, repo.base))).toEqual(passed);
    const message = "Forced push to 'main' denied -- allowForcePushes is not set";
    expect(await push(moves('refs/heads/main', repo.ahead, repo.base))).toEqual(denied(message));
    expect(await push(moves('refs/heads/main', repo.ahead, repo.aside))).toEqual(denied(message));
    place.setPolicy({ ...LISTED, force: true });
    expect(await push(moves('refs/heads/main', repo.ahead, repo.aside))).toEqual(passed);
  });

  test('over an object that is not here is denied, since it cannot be told whether it is forced', async () => {
    const unknown = 'ab'.repeat(repo.base.length / 2);
    expect(await push(moves('refs/heads/main', unknown, repo.base))).toEqual(
      denied(
        "Forced push to 'main' denied -- allowForcePushes is not set, and whether this one is forced cannot be told: " +
          'abababababab is not here; git fetch first',
      ),
    );
  });

  test('that moves a tag counts as forced, also forwards', async () => {
    place.setPolicy({});
    expect(await push(moves('refs/tags/v1', repo.base, repo.ahead))).toEqual(
      denied("Forced push to 'v1' denied -- allowForcePushes is not set"),
    );
  });

  test('is not made a fast-forward by a replacement of objects', async () => {
    const git = (...args: string[]) =>
      run('git', ['-C', repo.folder, ...args], { env: { HOME: place.home } });
    await git('replace', '--graft', repo.aside, repo.ahead);
    expect((await git('merge-base', '--is-ancestor', repo.ahead, repo.aside)).status).toBe(0);
    expect((await push(moves('refs/heads/main', repo.ahead, repo.aside))).status).toBe(1);
    await git('replace', '-d', repo.aside);
  });

  test('from an expression with spaces is read from the right', async () => {
    expect(await push(`main@{1 day ago} ${repo.base} refs/heads/main ${zero}`)).toEqual(passed);
    expect((await push(`x refs/heads/main ${repo.base} refs/heads/dev ${zero}`)).stderr).toContain("'dev'");
  });

  test.each([
    ['nothing to tell apart', 'refs/heads/main'],
    ['too few fields', `refs/heads/main ${'0'.repeat(40)} refs/heads/main`],
    ['a short id', 'a 00 refs/heads/main 00'],
    ['ids of two lengths', `a ${'0'.repeat(40)} refs/heads/main ${'0'.repeat(64)}`],
    ['an id that is none', `a ${'z'.repeat(40)} refs/heads/main ${'z'.repeat(40)}`],
    ['a ref that is none', `a ${'0'.repeat(40)} main ${'0'.repeat(40)}`],
    ['an empty line', ''],
  ])('that the hook cannot read is denied: %s', async (_, line) => {
    place.setPolicy({ force: true, delete: true });
    expect(await push(line)).toEqual(
      denied('Push denied -- git told the hook something that it cannot read'),
    );
  });

  test.each([
    ['missing', undefined],
    ['empty', ''],
    ['of another version', 'version 2\nrefs any\nforce yes\ndelete yes\n'],
    ['without refs', 'version 1\nforce yes\ndelete yes\n'],
    ['with unknown refs', 'version 1\nrefs all\nforce yes\ndelete yes\n'],
    ['without force', 'version 1\nrefs any\ndelete yes\n'],
    ['cut off', 'version 1\nrefs any\nforce yes\ndelete yes'],
  ])('is denied when the policy is %s', async (_, policy) => {
    place.setPolicy(policy ?? '');
    if (policy === undefined) rmSync(`${place.scripts}/policy`);
    const { status, stderr } = await push(creates('refs/heads/main'));
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `[km] Push denied -- the policy of this sandbox cannot be read: ${place.scripts}/policy\n`,
    });
  });
});

describe('git push itself', () => {
  let repo: PushRepo;

  beforeAll(async () => {
    repo = await makePushRepo(join(place.root, 'real'), 'sha1');
    place.setPolicy(LISTED);
  });
  const push = (...args: string[]): Promise<Ran> =>
    run('git', ['-C', repo.folder, 'push', '--quiet', repo.remote, ...args], {
      env: {
        HOME: place.home,
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'core.hooksPath',
        GIT_CONFIG_VALUE_0: `${place.scripts}/hooks`,
      },
    });
  const remoteRefs = async (): Promise<string[]> =>
    (await run('git', ['-C', repo.remote, 'for-each-ref', '--format=%(refname)'])).stdout
      .split('\n')
      .filter(Boolean);

  test('passes to a listed branch, and one denied ref holds back the whole push', async () => {
    expect((await push('HEAD:refs/heads/main')).status).toBe(0);
    const { status, stderr } = await push(
      'HEAD:refs/heads/release/1',
      'HEAD:refs/heads/dev',
      'HEAD:refs/heads/x',
    );
    expect(status).toBe(1);
    expect(stderr).toContain("[km] Push to 'dev' denied -- not in allowedRefs: main release/*\n");
    expect(stderr).toContain("[km] Push to 'x' denied -- not in allowedRefs: main release/*\n");
    expect(await remoteRefs()).toEqual(['refs/heads/main']);
  });

  test('is held back when it deletes or is forced', async () => {
    expect((await push(`${repo.ahead}:refs/heads/main`, '--force')).status).toBe(0);
    expect((await push(':refs/heads/main')).stderr).toContain("Deletion of 'main' denied");
    expect((await push(`+${repo.aside}:refs/heads/main`)).stderr).toContain("Forced push to 'main' denied");
    expect(await remoteRefs()).toEqual(['refs/heads/main']);
  });

  test('goes past the guard with --no-verify: it is a guardrail', async () => {
    expect((await push('--no-verify', 'HEAD:refs/heads/past')).status).toBe(0);
    expect(await remoteRefs()).toContain('refs/heads/past');
  });
});
