import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { World } from './harness.ts';
import { alive, gitReaches, killedAt, tokenOf, writeProfile } from './lifecycle-scene.ts';

let world: World;
/** Of my-user, of my-org, of both. */
let ids: [string, string, string];

interface Revoked {
  readonly revoked: readonly {
    readonly id: string;
    readonly revoked: number;
    readonly paused: boolean;
    readonly problems: readonly object[];
  }[];
}

const REPOS = [['my-user/my-repo'], ['my-org/another-repo'], ['my-user/my-repo', 'my-org/another-repo']];
const OWNERS = ['my-user', 'my-org', 'my-user'];

const healths = async () => {
  const { sandboxes } = await world.json<{ sandboxes: { id: string; health: string }[] }>(['list']);
  return ids.map((id) => sandboxes.find((sandbox) => sandbox.id === id)?.health);
};
const tokens = () => Promise.all(ids.map((id, index) => tokenOf(world, id, OWNERS[index])));
const revoke = (...args: string[]) => world.json<Revoked>(['revoke', ...args]);
const idsOf = ({ revoked }: Revoked) => revoked.map(({ id }) => id).sort();

beforeAll(async () => {
  world = await World.start();
  const made = REPOS.map(async (repos, index) => {
    const profile = await writeProfile(world, `p${index}`, { repos });
    return (await world.json<{ id: string }>(['create', profile, '--ttl', '0'])).id;
  });
  ids = (await Promise.all(made)) as [string, string, string];
});

beforeEach(async () => {
  for (const id of ids) await world.json(['resume', id]);
});

afterAll(() => world[Symbol.asyncDispose]());

describe('km revoke', () => {
  test('of one sandbox kills every token of it, also the one before the last refresh, and of no other', async () => {
    const [mine, other] = await tokens();
    await world.json(['refresh', ids[0]]);
    const newer = await tokenOf(world, ids[0]);
    expect(await revoke(ids[0])).toMatchObject({
      revoked: [{ id: ids[0], revoked: 2, parameters: [`/sandbox/${ids[0]}/github-token`], paused: true }],
    });
    expect(await alive(world, mine ?? '')).toBe(false);
    expect(await alive(world, newer)).toBe(false);
    expect(await alive(world, other ?? '')).toBe(true);
    expect(await healths()).toEqual(['paused', 'healthy', 'healthy']);
  });

  test('--owner takes the sandboxes that reach this account, whatever its case', async () => {
    const before = await tokens();
    expect(idsOf(await revoke('--owner', 'My-Org', '--yes'))).toEqual([ids[1], ids[2]].sort());
    expect(await Promise.all(before.map((token) => alive(world, token)))).toEqual([true, false, false]);
    expect(await healths()).toEqual(['healthy', 'paused', 'paused']);
  });

  test('--all takes every sandbox, which stays dead by the clock until it is resumed', async () => {
    const before = await tokens();
    expect(idsOf(await revoke('--all', '--yes'))).toEqual([...ids].sort());
    expect(await Promise.all(before.map((token) => alive(world, token)))).toEqual([false, false, false]);
    await world.local(['local', 'advance', '100m']);
    expect(await healths()).toEqual(['paused', 'paused', 'paused']);
    expect(await gitReaches(world, ids[0])).toBe(false);
    expect(await world.local(['refresh', ids[0]])).toMatchObject({ code: 1 });
    await world.json(['resume', ids[0]]);
    expect(await gitReaches(world, ids[0])).toBe(true);
    expect(await healths()).toEqual(['healthy', 'paused', 'paused']);
  });

  test('again finds nothing alive, and changes nothing', async () => {
    await revoke('--all', '--yes');
    const { revoked } = await revoke('--all', '--yes');
    expect(revoked.map((each) => [each.revoked, each.paused])).toEqual([
      [0, true],
      [0, true],
      [0, true],
    ]);
  });

  test.each(['token(s) revoked', 'paused'])(
    'cut off by SIGKILL at %j is done by repeating it',
    async (moment) => {
      const before = await tokens();
      await killedAt(world, ['revoke', '--all', '--yes'], moment);
      await revoke('--all', '--yes');
      expect(await Promise.all(before.map((token) => alive(world, token)))).toEqual([false, false, false]);
      expect(await healths()).toEqual(['paused', 'paused', 'paused']);
    },
  );

  test('cut off before it could pause leaves what resume mends', async () => {
    const token = await tokenOf(world, ids[0]);
    await world.faults({ aws: [{ service: 'cloudformation', operation: 'UpdateStack', latencyMs: 5_000 }] });
    await killedAt(world, ['revoke', ids[0]], 'token(s) revoked');
    await world.faults({});
    expect(await alive(world, token)).toBe(false);
    await expect
      .poll(healths, { timeout: 15_000 })
      .toEqual([expect.stringMatching(/paused|no-token/), 'healthy', 'healthy']);
    await world.json(['resume', ids[0]]);
    expect(await gitReaches(world, ids[0])).toBe(true);
  });

  test('tells of what GitHub did not revoke, and does the rest', async () => {
    await world.faults({
      github: { rules: [{ match: 'DELETE /installation/token', status: 503 }] },
    });
    const { code, stderr } = await world.local(['revoke', '--all', '--yes']);
    await world.faults({});
    expect(code).toBe(1);
    expect(stderr).toContain('ErrRevokeFailed');
    for (const id of ids) expect(stderr).toContain(id);
    const before = await tokens().catch(() => []);
    await revoke('--all', '--yes');
    expect(await Promise.all(before.map((token) => alive(world, token)))).not.toContain(true);
    expect(await healths()).toEqual(['paused', 'paused', 'paused']);
  });

  test.each([
    ['nothing named', []],
    ['two kinds of selection', ['--all', '--owner', 'my-org']],
    ['--all without --yes and without a terminal', ['--all']],
  ])('with %s is bad usage', async (_what, args) => {
    expect(await world.local(['revoke', ...args])).toMatchObject({ code: 2 });
  });
});
