import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root, World } from './harness.ts';

const profile = join(root, 'examples', 'profile.yaml');
let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterAll(() => world[Symbol.asyncDispose]());

/** Nothing of a sandbox is left: no stack, no parameter, no schedule, no role. */
async function expectNothingOf(id: string): Promise<void> {
  expect(await world.json(['list'])).toEqual({ sandboxes: [] });
  expect(await world.json(['destroy', id])).toEqual({ destroyed: [{ id, existed: false, removed: [] }] });
  expect(await world.local(['describe', id])).toMatchObject({ code: 1 });
}

test.each([
  ['checking', 1],
  ['creating sandbox', 2],
  ['✓ Key ', 3],
  ['✓ KeyAlias', 4],
  ['✓ Role', 5],
  ['✓ GitHubToken', 6],
  ['✓ RefreshSchedule', 7],
  ['reading the token', 8],
])('interrupted at %j, km create takes everything back', async (moment, index) => {
  const id = `sb-0000000${index}`;
  let sent = false;
  const { code, stdout, stderr } = await world.local(['create', profile, '--id', id], {
    onOutput: (said, kill) => {
      if (sent || !said.includes(moment)) return;
      sent = true;
      kill('SIGINT');
    },
  });
  expect(sent).toBe(true);
  expect(stdout).not.toContain('is ready');
  expect({ code, stderr }).not.toMatchObject({ code: 0 });
  await expectNothingOf(id);
});
