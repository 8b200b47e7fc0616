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
  // What comes after the stack takes long enough for the signal to arrive before the end.
  await world.faults({ aws: [{ service: 'ssm', operation: 'DescribeParameters', latencyMs: 400 }] });
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
  await world.faults({});
  await expectNothingOf(id);
});

test.each([
  ['the key', { service: 'kms', operation: 'CreateKey' }],
  ['the alias', { service: 'kms', operation: 'CreateAlias' }],
  ['the role', { service: 'iam', operation: 'CreateRole' }],
  ['the first token', { service: 'ssm', operation: 'PutParameter' }],
  ['the schedule', { service: 'scheduler', operation: 'CreateSchedule' }],
])('when %s cannot be made, km create says why and takes everything back', async (_what, fault) => {
  const id = 'sb-0000000f';
  await world.faults({
    aws: [{ ...fault, error: { code: 'AccessDeniedException', message: 'refused for the test' } }],
  });
  const { code, stdout, stderr } = await world.local(['create', profile, '--id', id]);
  await world.faults({});
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(
    /error: Sandbox sb-0000000f could not be created: .*(refused for the test|AccessDeniedException)/,
  );
  await expectNothingOf(id);
});

test('a killed km create leaves a sandbox that km list shows and km destroy removes', async () => {
  const id = 'sb-0000000e';
  const { code } = await world.local(['create', profile, '--id', id], {
    onOutput: (said, kill) => {
      if (said.includes('✓ Key ')) kill('SIGKILL');
    },
  });
  expect(code).not.toBe(0);
  const listed = () => world.json<{ sandboxes: object[] }>(['list']);
  await expect.poll(listed, { timeout: 10_000 }).toMatchObject({ sandboxes: [{ id, health: 'healthy' }] });
  expect(await world.json(['destroy', id])).toMatchObject({ destroyed: [{ id, existed: true }] });
  await expectNothingOf(id);
});
