import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { World } from './harness.ts';

let world: World;
let profile: string;

beforeAll(async () => {
  world = await World.start();
  profile = join(world.dir, 'profile.yaml');
  await writeFile(profile, 'metadata: { name: proxied }\nspec: { sourceAccess: { mode: none } }\n');
});

afterAll(() => world[Symbol.asyncDispose]());

test.each([
  [['proxy'], 'Name what the proxy is for'],
  [['proxy', '--policy', 'x', '--sandbox', 'sb-1234abcd'], '--policy stands alone'],
  [['proxy', '--sandbox', 'sb-1234abcd', '--listen', '0.0.0.0:1'], 'is reached by others than this user'],
  [['proxy', '--profile', 'x.yaml', '--no-inject'], '--no-inject goes with --sandbox or --policy'],
  [['proxy', '--sandbox', 'nothing'], "'nothing' is not a sandbox id"],
  [['install-script', 'sb-1234abcd', '--proxy', '--format', 'dockerfile'], 'does not go with --proxy'],
  [['install-script', 'sb-1234abcd', '--format', 'sidecar'], 'goes with --proxy'],
])('%j is bad usage', async (args, why) => {
  const { code, stderr } = await world.local(args);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(why) });
});

test('a policy file that cannot be read is an error that says where one is', async () => {
  const { code, stderr } = await world.local(['proxy', '--policy', join(world.dir, 'none')]);
  expect(code).toBe(1);
  expect(stderr).toContain('cannot be read: there is no such file (ErrProxyPolicyInvalid)');
});

test('what is no policy file is named', async () => {
  const { code, stderr } = await world.local(['proxy', '--policy', profile]);
  expect(code).toBe(1);
  expect(stderr).toContain(`${profile} is no policy file of km: `);
});

test.each([
  ['--ca-dir', '/dev/null/x', 'The CA certificate cannot be written to /dev/null/x: ', 'ErrFile'],
  ['--audit', '/dev/null/x', 'the audit log /dev/null/x cannot be written: ', 'ErrProxyAudit'],
  ['--audit', '/dev', 'the audit log /dev cannot be written: it is a directory', 'ErrProxyAudit'],
])('%s %s, which cannot be written, ends the proxy with a word on that option', async (...of) => {
  const [option, path, message, error] = of;
  const { code, stderr } = await world.km(['proxy', '--profile', profile, option, path, '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(stderr)).toMatchObject({
    error,
    message: expect.stringContaining(message),
    remedy: expect.stringContaining(`${option} ${path}`),
  });
});

test('a log that is not there is not shown as an empty one', async () => {
  const { code, stdout, stderr } = await world.km(['proxy', 'log', 'nope']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(
    `There is no audit log ${join(world.home, '.local/state/km/audit/nope.jsonl')}: no proxy has run for nope here.`,
  );
  const asJson = await world.km(['proxy', 'log', 'nope', '--json']);
  expect(asJson.code).toBe(1);
  expect(JSON.parse(asJson.stderr)).toMatchObject({ error: 'ErrProxyLogMissing' });
});

test('--follow says that it waits for a log that is not there', async () => {
  const { code, stderr } = await world.km(['proxy', 'log', 'nope', '--follow'], {
    onOutput: (said, kill) => {
      if (said.includes('waiting for one')) kill('SIGTERM');
    },
  });
  expect(code).toBe(0);
  expect(stderr).toContain('no proxy has run for nope here yet; waiting for one.');
});

test('a log that cannot be read is said so, with the option that names it', async () => {
  const { code, stderr } = await world.km(['proxy', 'log', 'nope', '--audit', '/dev']);
  expect(code).toBe(1);
  expect(stderr).toContain('The audit log /dev cannot be read: it is a directory. (ErrFile)');
  expect(stderr).toContain('--audit /dev names');
});
