import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { World } from './harness.ts';
import { alive, gitReaches, killedAt, reach, tokenOf, writeProfile } from './lifecycle-scene.ts';

let world: World;
let id: string;
let narrow: string;
let wide: string;

interface Changed {
  readonly changed: boolean;
  readonly dryRun: boolean;
  readonly changes: readonly { readonly what: string; readonly before: string; readonly after: string }[];
}

const update = (profile: string, ...more: string[]) => world.json<Changed>(['update', id, profile, ...more]);
const describeSandbox = () =>
  world.json<Record<string, unknown> & { expiresAt: string; allowedRepos: string[] }>(['describe', id]);
const push = (ref: string) =>
  world.exec(id, [
    'bash',
    '-c',
    `cd "$(mktemp -d -p ${world.dir})" && git clone -q https://github.com/my-user/my-repo . && { git checkout -q origin/${ref} 2>/dev/null || true; } && git commit -q --allow-empty -m x && git push -q origin HEAD:${ref}`,
  ]);

beforeAll(async () => {
  world = await World.start();
  narrow = await writeProfile(world, 'narrow', {
    repos: ['my-user/my-repo'],
    more: '      allowedRefs: [main]\n      permissions: [clone, fetch, push]\n',
  });
  wide = await writeProfile(world, 'wide', {
    repos: ['my-user/my-repo', 'my-org/another-repo'],
    more: '      allowedRefs: [main, dev]\n      permissions: [clone, fetch, push]\n',
    spec: '  network: { egress: { allowedHosts: [files.example.com] } }\n',
  });
  ({ id } = await world.json<{ id: string }>(['create', narrow]));
});

afterAll(() => world[Symbol.asyncDispose]());

describe('km update', () => {
  test('says what a profile would change, and with --dry-run changes nothing', async () => {
    const token = await tokenOf(world, id);
    expect(await update(wide, '--dry-run')).toMatchObject({
      changed: true,
      dryRun: true,
      changes: [
        { what: 'repos', before: 'my-user/my-repo', after: 'my-user/my-repo, my-org/another-repo' },
        { what: 'refs', before: 'main', after: 'main, dev' },
        { what: 'hosts', before: 'none', after: 'files.example.com' },
      ],
    });
    expect(await tokenOf(world, id)).toBe(token);
    expect((await describeSandbox()).allowedRepos).toEqual(['my-user/my-repo']);
  });

  test('with the profile that it has does nothing and says so', async () => {
    const token = await tokenOf(world, id);
    expect((await world.local(['update', id, narrow])).stdout).toBe(
      `${id}  is what the profile says already\n`,
    );
    expect(await update(narrow)).toMatchObject({ changed: false, changes: [] });
    expect(await tokenOf(world, id)).toBe(token);
  });

  test('widens: git reaches the new repo and pushes to the new ref at once, and its end stays', async () => {
    const { expiresAt } = await describeSandbox();
    expect(await gitReaches(world, id, 'my-org/another-repo')).toBe(false);
    expect((await push('dev')).stderr).toContain("[km] Push to 'dev' denied");
    await update(wide);
    expect(await gitReaches(world, id, 'my-org/another-repo')).toBe(true);
    expect(await push('dev')).toMatchObject({ code: 0 });
    expect(await describeSandbox()).toMatchObject({
      expiresAt,
      health: 'healthy',
      guard: { allowedRefs: ['main', 'dev'] },
      egress: { allowedHosts: ['files.example.com'] },
    });
  });

  test('narrows: every token from before is dead, and what is left reaches what is left', async () => {
    const before = [await tokenOf(world, id), await tokenOf(world, id, 'my-org')];
    await world.json(['refresh', id]);
    before.push(await tokenOf(world, id), await tokenOf(world, id, 'my-org'));
    const said = await world.local(['update', id, narrow]);
    expect(said.stdout).toContain('the tokens from before are revoked');
    expect(await alive(world, before[1] ?? '')).toBe(false);
    expect(await alive(world, before[3] ?? '')).toBe(false);
    expect(await reach(world, await tokenOf(world, id))).toMatchObject({ repos: ['my-user/my-repo'] });
    expect(await gitReaches(world, id, 'my-org/another-repo')).toBe(false);
    expect((await push('dev')).stderr).toContain("[km] Push to 'dev' denied");
    expect(await describeSandbox()).toMatchObject({ owners: ['my-user'], egress: { allowedHosts: [] } });
  });

  test('to fewer permissions revokes the token that had more, and GitHub itself refuses the push', async () => {
    const before = await tokenOf(world, id);
    const reader = await writeProfile(world, 'reader', { repos: ['my-user/my-repo'] });
    await update(reader);
    expect(await alive(world, before)).toBe(false);
    expect((await push('main')).stderr).toMatch(/403|denied/);
    await update(narrow);
    expect(await push('main')).toMatchObject({ code: 0 });
  });

  test('of guard and hosts alone makes no new token', async () => {
    const token = await tokenOf(world, id);
    const strict = await writeProfile(world, 'strict', {
      repos: ['my-user/my-repo'],
      more: '      allowedRefs: []\n      permissions: [clone, fetch, push]\n',
    });
    await update(strict);
    expect(await tokenOf(world, id)).toBe(token);
    expect((await push('main')).stderr).toContain("[km] Push to 'main' denied");
    await update(narrow);
  });

  test('goes on being refreshed by the clock, with the new scope', async () => {
    await update(wide);
    const token = await tokenOf(world, id, 'my-org');
    await world.local(['local', 'advance', '46m']);
    expect(await tokenOf(world, id, 'my-org')).not.toBe(token);
    await update(narrow);
    await world.local(['local', 'advance', '46m']);
    expect(await describeSandbox()).toMatchObject({ health: 'healthy', owners: ['my-user'] });
  });

  test('takes GitHub away and gives it back', async () => {
    const token = await tokenOf(world, id);
    const none = `${world.dir}/none.yaml`;
    await writeFile(none, 'metadata: { name: tested }\nspec: { sourceAccess: { mode: none } }\n');
    await update(none);
    expect(await alive(world, token)).toBe(false);
    expect(await describeSandbox()).toMatchObject({ health: 'no-github', tokens: [] });
    await writeFile(
      none,
      'metadata: { name: tested }\nspec: { network: { egress: { allowedHosts: [a.example.com] } }, sourceAccess: { mode: none } }\n',
    );
    await update(none);
    expect(await describeSandbox()).toMatchObject({ egress: { allowedHosts: ['a.example.com'] } });
    await update(narrow);
    expect(await gitReaches(world, id)).toBe(true);
  });

  test('of a paused sandbox counts from when it is resumed', async () => {
    await world.json(['pause', id]);
    await update(wide);
    expect(await describeSandbox()).toMatchObject({
      health: 'paused',
      tokens: [],
      guard: { allowedRefs: ['main', 'dev'] },
    });
    await world.json(['resume', id]);
    expect(await gitReaches(world, id, 'my-org/another-repo')).toBe(true);
    await update(narrow);
  });

  test.each([
    ['substrate', '  runtime: { substrate: ec2 }\n', 'docker'],
    ['encryption', '  encryption: shared\n', 'per-sandbox'],
  ])('cannot change the %s', async (what, spec, present) => {
    const other = await writeProfile(world, what, { repos: ['my-user/my-repo'], spec });
    const { code, stderr } = await world.local(['update', id, other]);
    expect(code).toBe(1);
    expect(stderr).toContain(`The ${what} of ${id} is ${present} and cannot be changed`);
  });

  test('to what GitHub does not grant changes nothing', async () => {
    const other = await writeProfile(world, 'other', { repos: ['my-user/my-repo', 'other-org/other-repo'] });
    const token = await tokenOf(world, id);
    expect(await world.local(['update', id, other])).toMatchObject({ code: 1 });
    expect(await tokenOf(world, id)).toBe(token);
  });
});

describe('an update that fails', () => {
  test.each([
    ['the new tokens cannot be written', { service: 'ssm', operation: 'PutParameter', count: 2 }],
    ['the schedule cannot be changed', { service: 'scheduler', operation: 'UpdateSchedule', count: 1 }],
  ])('because %s is taken back: the scope from before works', async (_why, fault) => {
    await world.faults({
      aws: [{ ...fault, error: { code: 'AccessDeniedException', message: 'refused for the test' } }],
    });
    const { code, stderr } = await world.local(['update', id, wide]);
    await world.faults({});
    expect(code).toBe(1);
    expect(stderr).toMatch(/could not be updated, and is as it was/);
    expect(await describeSandbox()).toMatchObject({
      stackStatus: 'UPDATE_ROLLBACK_COMPLETE',
      allowedRepos: ['my-user/my-repo'],
      guard: { allowedRefs: ['main'] },
    });
    expect(await gitReaches(world, id)).toBe(true);
    expect(await gitReaches(world, id, 'my-org/another-repo')).toBe(false);
    expect(await push('main')).toMatchObject({ code: 0 });
  });

  test('and cannot be taken back either is taken back by the next command', async () => {
    const away = { service: 'ssm', operation: 'PutParameter' };
    await world.faults({
      aws: [{ ...away, error: { code: 'AccessDeniedException', message: 'refused for the test' } }],
    });
    expect(await world.local(['update', id, wide])).toMatchObject({ code: 1 });
    expect(await describeSandbox()).toMatchObject({ stackStatus: 'UPDATE_ROLLBACK_FAILED' });
    expect(await gitReaches(world, id)).toBe(true);
    await world.faults({});
    await update(wide);
    expect(await gitReaches(world, id, 'my-org/another-repo')).toBe(true);
    await update(narrow);
  });

  test.each(['updating', '✓ GitHubToken'])(
    'cut off by SIGKILL at %j is done by repeating it',
    async (moment) => {
      const before = await tokenOf(world, id);
      await killedAt(world, ['update', id, wide], moment);
      await update(wide);
      expect(await gitReaches(world, id, 'my-org/another-repo')).toBe(true);
      await update(narrow);
      expect(await gitReaches(world, id, 'my-org/another-repo')).toBe(false);
      expect(await tokenOf(world, id)).not.toBe(before);
    },
  );
});
