import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DoctorScene } from './doctor-scene.ts';
import { root } from './harness.ts';

let scene: DoctorScene;
let id: string;

beforeAll(async () => {
  scene = await DoctorScene.start();
  ({ id } = await scene.world.json<{ id: string }>(['create', join(root, 'examples', 'profile.yaml')]));
});

afterAll(() => scene[Symbol.asyncDispose]());

const NOWHERE = { AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };

test('with AWS unreachable there is one clear line, its remedy and the count', async () => {
  const env = { ...NOWHERE, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
  const { code, stdout, stderr } = await scene.world.km(['doctor'], { env });
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout).toMatch(
    /^✗ AWS credentials and region {2}AWS cannot be reached: .*\n {2}→ .*\n0 ok, 0 to look at, 1 failed, 0 not looked at\n$/,
  );
});

test('with an SSO session that has expired there is one clear line, and how to sign in', async () => {
  const config = join(scene.world.dir, 'aws-config');
  await writeFile(
    config,
    '[profile work]\nsso_session = work\nsso_account_id = 123456789012\nsso_role_name = dev\nregion = us-east-1\n[sso-session work]\nsso_region = us-east-1\nsso_start_url = https://example.awsapps.com/start\n',
  );
  const env = { ...NOWHERE, AWS_CONFIG_FILE: config, AWS_PROFILE: 'work' };
  const { code, stdout, stderr } = await scene.world.km(['doctor', '--json'], { env });
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    counts: { ok: 0, warn: 0, fail: 1, skip: 0 },
    findings: [{ check: 'aws-credentials', remedy: expect.stringMatching(/^aws sso login/) }],
  });
});

test('a caller who may look at next to nothing is told what is missing, and nothing passes', async () => {
  const km = join(root, 'dist', 'km.js');
  const { stdout } = await scene.world.exec(id, [process.execPath, km, 'doctor', '--json']);
  const { findings } = JSON.parse(stdout) as {
    findings: { check: string; status: string; finding: string }[];
  };
  const passed = findings.filter(({ status }) => status === 'ok');
  expect(passed.map(({ check }) => check)).toEqual(['aws-credentials']);
  expect(findings.filter(({ status }) => status === 'fail')).toEqual([]);
  expect(findings.map(({ finding }) => finding)).toContain(
    'not looked at: whoever runs km may not cloudformation:DescribeStacks',
  );
});

test("a personal access token in the caller's shell is told, without its value", async () => {
  const env = { GITHUB_TOKEN: 'ghp_0123456789abcdefghijABCDEFGHIJ012345' };
  const { stdout, code } = await scene.world.local(['doctor', '--quiet'], { env });
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^⚠ .*GITHUB_TOKEN in this shell holds a personal access token.*\n {2}→ unset GITHUB_TOKEN$/m,
  );
  expect(stdout).not.toContain('ghp_');
  expect(await scene.troubles()).toEqual([]);
});

test('an id that is no sandbox is a finding, and what cannot be one is bad usage', async () => {
  expect(await scene.troubles(['sb-00000000'])).toMatchObject([
    { check: 'sandbox-stack', remedy: 'km list' },
  ]);
  expect(await scene.world.local(['doctor', '../x'])).toMatchObject({ code: 2, stdout: '' });
  expect(await scene.world.local(['doctor', '--repo', 'a/b'])).toMatchObject({ code: 2, stdout: '' });
});

test('another prefix has no platform, and that is told once', async () => {
  const { findings } = await scene.diagnose(['--prefix', 'other']);
  expect(findings.filter(({ status }) => status === 'fail')).toMatchObject([
    { check: 'platform-stack', remedy: 'km bootstrap' },
    { check: 'app-parameters' },
  ]);
});

test('without its function exactly that is told', async () => {
  await new LambdaClient(scene.config).send(
    new DeleteFunctionCommand({ FunctionName: 'km-github-token-refresher' }),
  );
  expect(await scene.troubles()).toMatchObject([
    {
      check: 'refresher-configuration',
      finding: 'no function km-github-token-refresher',
      remedy: 'km bootstrap',
    },
  ]);
});
