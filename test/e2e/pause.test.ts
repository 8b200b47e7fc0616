import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { firstRefreshAfterMs } from '../../lib/broker/refresh-start.ts';
import { World } from './harness.ts';
import { alive, gitReaches, killedAt, reach, tokenOf, writeProfile } from './lifecycle-scene.ts';

let world: World;
let profile: string;
let id: string;

interface Described {
  readonly health: string;
  readonly paused: boolean;
  readonly expiresAt: string | null;
  readonly tokens: readonly object[];
  readonly schedules: readonly { readonly name: string; readonly state: string }[];
}

const describeSandbox = (which = id) => world.json<Described>(['describe', which]);
const create = async (...more: string[]) =>
  (await world.json<{ id: string }>(['create', profile, ...more])).id;

beforeAll(async () => {
  world = await World.start();
  profile = await writeProfile(world, 'tested', { repos: ['my-user/my-repo', 'my-org/another-repo'] });
  id = await create();
});

afterAll(() => world[Symbol.asyncDispose]());

describe('a paused sandbox', () => {
  let before: string[];

  test('has no token: those that it had are dead when km pause is done', async () => {
    before = [await tokenOf(world, id), await tokenOf(world, id, 'my-org')];
    await world.json(['refresh', id]);
    before.push(await tokenOf(world, id), await tokenOf(world, id, 'my-org'));
    expect(await world.json(['pause', id])).toEqual({ id, paused: true, changed: true });
    expect(await Promise.all(before.map((token) => alive(world, token)))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(await gitReaches(world, id)).toBe(false);
  });

  test('is shown as paused, and the doctor finds nothing wrong with it', async () => {
    expect(await describeSandbox()).toMatchObject({
      health: 'paused',
      paused: true,
      tokens: [],
      schedules: [{ name: `km-github-token-${id}`, state: 'DISABLED' }, { state: 'ENABLED' }],
    });
    expect((await world.local(['list'])).stdout).toMatch(new RegExp(`^${id} .* paused$`, 'm'));
    expect((await world.local(['describe', id])).stdout).toContain(`no token until km resume ${id}`);
    const { findings } = await world.json<{ findings: { check: string; status: string }[] }>(['doctor', id]);
    expect(findings.filter(({ check, status }) => /^sandbox/.test(check) && status !== 'ok')).toEqual([]);
  });

  test('gets none by the clock', async () => {
    expect(await world.local(['local', 'advance', '100m'])).toMatchObject({ code: 0 });
    expect(await describeSandbox()).toMatchObject({ health: 'paused', tokens: [] });
  });

  test.each([
    ['km refresh', ['refresh']],
    ['km token', ['token']],
  ])('%s is refused, and says what to do', async (_name, command) => {
    const { code, stderr } = await world.local([...command, id]);
    expect(code).toBe(1);
    expect(stderr).toContain(`Sandbox ${id} is paused`);
    expect(stderr).toContain(`km resume ${id}`);
  });

  test('pausing it again does nothing and says so', async () => {
    expect(await world.json(['pause', id])).toEqual({ id, paused: true, changed: false });
    expect((await world.local(['pause', id])).stdout).toBe(`${id}  is paused already\n`);
  });

  test('can be extended: its end moves and it stays paused', async () => {
    await world.json(['extend', id, '--ttl', '5h']);
    expect(await describeSandbox()).toMatchObject({ health: 'paused', tokens: [] });
  });

  test('is resumed with new tokens at once, and is refreshed by the clock again', async () => {
    expect(await world.json(['resume', id])).toMatchObject({
      id,
      paused: false,
      changed: true,
      tokens: [{ owner: 'my-user' }, { owner: 'my-org' }],
    });
    const first = await tokenOf(world, id);
    expect(before).not.toContain(first);
    expect(await reach(world, first)).toEqual({ status: 200, repos: ['my-user/my-repo'] });
    expect(await gitReaches(world, id)).toBe(true);
    expect(await world.local(['local', 'advance', '46m'])).toMatchObject({ code: 0 });
    expect(await tokenOf(world, id)).not.toBe(first);
    expect(await describeSandbox()).toMatchObject({ health: 'healthy', paused: false });
  });

  test('resuming it again does nothing and says so', async () => {
    expect(await world.json(['resume', id])).toMatchObject({ changed: false });
    expect((await world.local(['resume', id])).stdout).toBe(`${id}  is not paused\n`);
  });
});

describe('cut off by SIGKILL', () => {
  test.each([
    ['pause', 'pausing'],
    ['pause', '✓ GitHubToken'],
  ])('km %s at %j is done by repeating it', async (command, moment) => {
    const token = await tokenOf(world, id);
    await killedAt(world, [command, id], moment);
    expect(await world.json(['pause', id])).toMatchObject({ paused: true });
    expect(await alive(world, token)).toBe(false);
    expect(await describeSandbox()).toMatchObject({ health: 'paused' });
    expect(await world.json(['resume', id])).toMatchObject({ changed: true });
  });

  test.each(['resuming', '✓ GitHubToken'])('km resume at %j is done by repeating it', async (moment) => {
    await world.json(['pause', id]);
    await killedAt(world, ['resume', id], moment);
    expect(await world.json(['resume', id])).toMatchObject({ paused: false });
    expect(await gitReaches(world, id)).toBe(true);
  });
});

test('a pause that cannot revoke is taken back, and the next one finds the sandbox as it was', async () => {
  const token = await tokenOf(world, id);
  await world.faults({ github: { rules: [{ match: 'DELETE /installation/token', status: 503 }] } });
  const { code, stderr } = await world.local(['pause', id]);
  await world.faults({});
  expect(code).toBe(1);
  expect(stderr).toMatch(/could not be paused/);
  expect(await gitReaches(world, id)).toBe(true);
  expect(await world.json(['pause', id])).toMatchObject({ changed: true });
  expect(await alive(world, token)).toBe(false);
  await world.json(['resume', id]);
});

describe('km extend', () => {
  test('moves the end: the sandbox outlives its first one, is refreshed, and ends at its new one', async () => {
    const short = await create('--ttl', '30m');
    const { expiresAt } = await world.json<{ expiresAt: string }>(['extend', short, '--ttl', '2h']);
    expect(await describeSandbox(short)).toMatchObject({ expiresAt });
    await world.local(['local', 'advance', '61m']);
    expect(await describeSandbox(short)).toMatchObject({ health: 'healthy' });
    expect(await gitReaches(world, short)).toBe(true);
    await world.local(['local', 'advance', '60m']);
    expect(await world.local(['describe', short])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No sandbox'),
    });
  });

  test('shortens it as well, and with 0 there is no end', async () => {
    const long = await create();
    await world.json(['extend', long, '--ttl', '0']);
    expect(await describeSandbox(long)).toMatchObject({
      expiresAt: null,
      schedules: [{ name: `km-github-token-${long}`, state: 'ENABLED' }],
    });
    expect(await world.json(['extend', long, '--ttl', '0'])).toEqual({
      id: long,
      changed: false,
      expiresAt: null,
    });
    await world.local(['local', 'advance', '6h']);
    expect(await gitReaches(world, long)).toBe(true);
    await world.json(['extend', long, '--ttl', '10m']);
    await world.local(['local', 'advance', '11m']);
    expect(await world.local(['describe', long])).toMatchObject({ code: 1 });
  });

  test('mints nothing, and refreshes come when they would have come', async () => {
    const kept = await create();
    const token = await tokenOf(world, kept);
    const due = Math.floor(firstRefreshAfterMs(kept) / 60_000);
    await world.local(['local', 'advance', `${due - 2}m`]);
    await world.json(['extend', kept, '--ttl', '3h']);
    expect(await tokenOf(world, kept)).toBe(token);
    await world.local(['local', 'advance', '4m']);
    expect(await tokenOf(world, kept)).not.toBe(token);
    await world.json(['destroy', kept]);
  });

  test.each([
    ['without a duration', []],
    ['of a form that is none', ['--ttl', 'soon']],
    ['shorter than CloudFormation takes', ['--ttl', '10s']],
  ])('%s is bad usage', async (_what, more) => {
    expect(await world.local(['extend', id, ...more])).toMatchObject({ code: 2 });
  });
});

test.each([['pause'], ['resume'], ['extend', '--ttl', '1h'], ['revoke']])(
  'km %s of a sandbox that there is not says so',
  async (command, ...more) => {
    const { code, stderr } = await world.local([command, 'sb-00000000', ...more]);
    expect(code).toBe(1);
    expect(stderr).toContain('No sandbox sb-00000000');
  },
);
