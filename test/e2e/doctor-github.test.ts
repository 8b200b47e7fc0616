import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Break, breakAndMend, DoctorScene } from './doctor-scene.ts';
import { root } from './harness.ts';

const CLIENT_ID = '/km/config/github/app-client-id';
const PRIVATE_KEY = '/km/config/github/private-key';

let scene: DoctorScene;
let clientId: string;

beforeAll(async () => {
  scene = await DoctorScene.start();
  await scene.world.json(['create', join(root, 'examples', 'profile.yaml')]);
  const { Parameter } = await ssm().send(new GetParameterCommand({ Name: CLIENT_ID }));
  clientId = Parameter?.Value ?? '';
});

afterAll(() => scene[Symbol.asyncDispose]());

const ssm = () => new SSMClient(scene.config);

const storeKey = (pem: string) =>
  ssm().send(
    new PutParameterCommand({
      Name: PRIVATE_KEY,
      Value: pem,
      Type: 'SecureString',
      KeyId: 'alias/km-config',
      Overwrite: true,
    }),
  );

/** A key that the App's owner has GitHub make, in a file. */
async function newKeyFile(): Promise<string> {
  const { pem } = await scene.onGitHub<{ pem: string }>('POST', '/app-keys');
  const file = join(scene.world.dir, 'new.pem');
  await writeFile(file, pem, { mode: 0o600 });
  return file;
}

const withNewKey = async (remedy: string) => scene.paste(remedy.replace('NEW.pem', await newKeyFile()));

const BREAKS: readonly Break[] = [
  {
    name: "the stored key is another App's",
    break: () =>
      storeKey(
        generateKeyPairSync('rsa', { modulusLength: 2048 })
          .privateKey.export({ type: 'pkcs1', format: 'pem' })
          .toString(),
      ),
    check: 'app-jwt',
    finding: /does not accept the private key/,
    remedy: /^km configure github --private-key-file NEW\.pem --force$/,
    mend: withNewKey,
  },
  {
    name: 'the stored key is no key',
    break: () => storeKey('-----BEGIN NOTHING-----'),
    check: 'app-key',
    finding: /private key/,
    remedy: /^km configure github --private-key-file NEW\.pem --force$/,
    mend: withNewKey,
  },
  {
    name: "the App's client id is deleted",
    break: () => ssm().send(new DeleteParameterCommand({ Name: CLIENT_ID })),
    check: 'app-parameters',
    finding: /^GitHub App not configured \(missing: \/km\/config\/github\/app-client-id\)$/,
    remedy: /^km github && km configure github --discover --force$/,
    mend: () => ssm().send(new PutParameterCommand({ Name: CLIENT_ID, Value: clientId, Type: 'String' })),
  },
  {
    name: "the App's key is deleted",
    break: () => ssm().send(new DeleteParameterCommand({ Name: PRIVATE_KEY })),
    check: 'app-parameters',
    finding: /^GitHub App not configured \(missing: \/km\/config\/github\/private-key\)$/,
    remedy: /^km github && km configure github --discover --force$/,
    mend: async () => storeKey((await scene.onGitHub<{ pem: string }>('POST', '/app-keys')).pem),
  },
  {
    name: "GitHub's clock runs two minutes ahead",
    break: () => scene.world.faults({ github: { clockSkewMs: 120_000 } }),
    check: 'clock-skew',
    finding: /is (2m|1m \d+s) ahead$/,
    remedy: /NTP/,
    mend: () => scene.world.faults({}),
  },
  {
    name: 'GitHub is down',
    break: () => scene.world.faults({ github: { rules: [{ match: '* /app*', status: 503 }] } }),
    check: 'app-jwt',
    finding: /^GitHub is not available/,
    remedy: /githubstatus/,
    mend: () => scene.world.faults({}),
  },
  {
    name: 'an installation is suspended',
    break: () => scene.onGitHub('PATCH', '/installations/my-org', { suspended: true }),
    check: 'installations',
    finding: /^my-org is suspended/,
    remedy: /^http\S+ {3}# an owner of my-org unsuspends it there$/,
    mend: () => scene.onGitHub('PATCH', '/installations/my-org', { suspended: false }),
  },
  {
    name: 'a repo is taken out of an installation',
    break: () => scene.onGitHub('PATCH', '/installations/my-org', { repositories: ['private-repo'] }),
    check: 'sandbox-repos',
    finding: /does not reach 'my-org\/another-repo'$/,
    remedy: /^Add it to the installation/,
    mend: () =>
      scene.onGitHub('PATCH', '/installations/my-org', { repositories: ['another-repo', 'private-repo'] }),
  },
  {
    name: 'the App asks for more, which no account has accepted and no sandbox needs',
    break: async () => {
      await scene.onGitHub('PATCH', '/app', { permissions: { contents: 'write', deployments: 'read' } });
      await scene.onGitHub('PATCH', '/installations/my-user', { permissions: 'accept' });
    },
    check: 'app-permissions',
    status: 'warn',
    finding: /^my-org has not accepted deployments: read$/,
    remedy: /an owner of my-org accepts it there$/,
    mend: () => scene.onGitHub('PATCH', '/installations/my-org', { permissions: 'accept' }),
  },
  {
    name: 'the App asks for less than sandboxes need',
    break: () => scene.onGitHub('PATCH', '/app', { permissions: { contents: 'read' } }),
    check: 'app-permissions',
    finding: /^the App does not ask for contents: write, which sandboxes in use need$/,
    remedy: /\/settings\/apps\/\S+\/permissions {3}#/,
    mend: async () => {
      await scene.onGitHub('PATCH', '/app', { permissions: { contents: 'write' } });
      await scene.onGitHub('PATCH', '/installations/my-org', { permissions: 'accept' });
      await scene.onGitHub('PATCH', '/installations/my-user', { permissions: 'accept' });
    },
  },
  {
    name: 'an account was renamed',
    break: () => scene.onGitHub('POST', '/accounts/my-org/rename', { login: 'new-org' }),
    check: 'installations',
    finding: /^my-org is new-org on GitHub now$/,
    remedy: /^km configure github --discover --prune$/,
    mend: () => scene.onGitHub('POST', '/accounts/new-org/rename', { login: 'my-org' }),
  },
];

test.each(BREAKS)('$name: exactly that check tells, and its remedy mends it', async (each) => {
  await breakAndMend(scene, each);
});

test('an account whose entry is missing is discovered', async () => {
  await ssm().send(new DeleteParameterCommand({ Name: '/km/config/github/installations/my-user' }));
  const [told] = await scene.troubles();
  expect(told).toMatchObject({
    check: 'installations',
    status: 'warn',
    remedy: 'km configure github --discover',
  });
  await scene.paste(told?.remedy ?? '');
  expect(await scene.troubles()).toEqual([]);
});

test('with the key in KMS all is well too, and the key is told to be there', async () => {
  await scene.paste(`km configure github --signer kms --private-key-file ${await newKeyFile()}`);
  const { code, findings } = await scene.diagnose();
  expect(findings.filter(({ status }) => status === 'warn' || status === 'fail')).toEqual([]);
  expect(code).toBe(0);
  const finding = (check: string) => findings.find((each) => each.check === check)?.finding;
  expect(finding('app-key')).toMatch(/RSA 2048, SHA256:\S+, in KMS$/);
  expect(finding('app-parameters')).toBe('client id and signing key are stored');
});
