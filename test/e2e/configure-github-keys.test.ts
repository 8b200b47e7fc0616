import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppScene } from './app-scene.ts';
import { root } from './harness.ts';

let scene: AppScene;
let id: string;

beforeAll(async () => {
  scene = await AppScene.start();
  ({ id } = await scene.world.json<{ id: string }>(['create', `${root}/examples/profile.yaml`]));
});

afterAll(() => scene[Symbol.asyncDispose]());

/** The sandbox's git works, and so does a refresh of its token. */
async function works(): Promise<void> {
  await scene.world.json(['refresh', id]);
  const cloned = await scene.world.exec(id, ['git', 'ls-remote', 'https://github.com/my-user/my-repo']);
  if (cloned.code !== 0) throw new Error(cloned.stderr);
}

interface Changed {
  readonly signer: string;
  readonly changed: boolean;
  readonly fingerprint: string;
  readonly oldFingerprint: string;
  readonly provenFor?: string;
  readonly oldKeyUnusedFrom?: string;
  readonly settingsUrl: string;
}

async function change(args: readonly string[]): Promise<Changed> {
  const { code, stdout, stderr } = await scene.configure([...args, '--json']);
  if (code !== 0) throw new Error(`${code} ${stderr}`);
  return JSON.parse(stdout);
}

describe('--rotate-key', () => {
  test('a key of this App takes the place of the old one; refreshes work before, during and after', async () => {
    await works();
    const key = await scene.newKey('rotated.pem');
    const steps: Promise<void>[] = [];
    const { code, stdout, stderr } = await scene.configure(['--rotate-key', '--private-key-file', key.path], {
      onOutput: (said) => {
        // One refresh for each step that it says it takes.
        const seen = said.match(/ {2}… /g)?.length ?? 0;
        while (steps.length < seen) steps.push(scene.world.json(['refresh', id]).then(() => undefined));
      },
    });
    await Promise.all(steps);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(steps.length).toBeGreaterThanOrEqual(5);
    expect(stdout).toContain(`The key ${key.fingerprint} is in use, as a stored key.`);
    expect(stdout).toMatch(/proven {4}a token for \S+ was minted, used and revoked/);
    expect(stdout).toMatch(/old key {3}SHA256:\S+ is still valid on GitHub, and in use until/);
    expect(stdout).toMatch(/delete it after that: http\S+\/settings\/apps\/km-local/);
    expect(stdout).toContain(`rm ${key.path}`);
    expect(await scene.stored()).toMatchObject({ 'private-key': 'version 2' });
    expect(Object.keys(await scene.stored())).not.toContain('private-key-candidate');
    await works();
    // The refresher keeps the old key for five minutes; then it can go.
    await scene.world.local(['local', 'advance', '6m']);
    await scene.onGitHub('DELETE', '/app-keys/old');
    await works();
  });

  test('the key in use is no change, and --dry-run none either', async () => {
    const key = await scene.newKey('another.pem');
    expect(await change(['--rotate-key', '--private-key-file', key.path, '--dry-run'])).toMatchObject({
      changed: true,
      fingerprint: key.fingerprint,
    });
    expect(await scene.stored()).toMatchObject({ 'private-key': 'version 2' });
    expect(await change(['--rotate-key', '--private-key-file', key.path])).toMatchObject({ changed: true });
    expect(await change(['--rotate-key', '--private-key-file', key.path])).toMatchObject({ changed: false });
    expect(await scene.stored()).toMatchObject({ 'private-key': 'version 3' });
  });

  test('a key of another App is refused, and the old one stays', async () => {
    const other = await scene.otherApp('another-app', 'my-user');
    const { code, stderr } = await scene.configure(['--rotate-key', '--private-key-file', other.path]);
    expect(code).toBe(1);
    expect(stderr).toContain('(ErrGitHubKeyOfAnotherApp)');
    expect(await scene.stored()).toMatchObject({ 'private-key': 'version 3' });
    await works();
  });
});

describe('--signer kms', () => {
  test('the key moves into KMS; the refresher signs there, and the stored key is gone', async () => {
    const key = await scene.newKey('kms.pem');
    const { code, stdout, stderr } = await scene.configure([
      '--signer',
      'kms',
      '--private-key-file',
      key.path,
    ]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain(`The key ${key.fingerprint} is in use, in KMS, where nobody can copy it.`);
    const stored = await scene.stored();
    expect(stored['signing-key']).toMatch(/^arn:aws:kms:us-east-1:\d+:key\//);
    expect(Object.keys(stored).filter((name) => name.startsWith('private-key'))).toEqual([]);
    await works();
    expect(await change(['--signer', 'kms', '--private-key-file', key.path])).toMatchObject({
      changed: false,
    });
    // What is stored is known without a key that could be read.
    expect(await scene.configure(['--discover'])).toMatchObject({ code: 0 });
    expect(await scene.configure(['--private-key-file', key.path])).toMatchObject({ code: 0 });
  });

  test('the platform keeps its signer when it is brought up to date', async () => {
    expect(await scene.world.local(['local', 'down'])).toMatchObject({ code: 0 });
    expect(await scene.world.local(['local', 'up'])).toMatchObject({ code: 0 });
    await works();
  });

  test('a rotation there imports the new key beside the old, and retires the old', async () => {
    const before = (await scene.stored())['signing-key'];
    const key = await scene.newKey('kms-rotated.pem');
    expect(await change(['--rotate-key', '--private-key-file', key.path])).toMatchObject({
      signer: 'kms',
      changed: true,
      fingerprint: key.fingerprint,
    });
    const after = (await scene.stored())['signing-key'];
    expect(after).not.toBe(before);
    expect(await scene.keyState(before ?? '')).toBe('PendingDeletion');
    expect(await scene.keyState(after ?? '')).toBe('Enabled');
    await works();
  });

  test('another key is not stored beside it without saying how', async () => {
    const key = await scene.newKey('beside.pem');
    const { code, stdout, stderr } = await scene.configure(['--private-key-file', key.path, '--force']);
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('--rotate-key');
    expect(Object.keys(await scene.stored())).not.toContain('private-key');
  });

  test('back again with a new key; the one in KMS is deleted in a week', async () => {
    const before = (await scene.stored())['signing-key'];
    const key = await scene.newKey('back.pem');
    expect(await change(['--signer', 'parameter', '--private-key-file', key.path])).toMatchObject({
      signer: 'parameter',
      changed: true,
      fingerprint: key.fingerprint,
    });
    expect(Object.keys(await scene.stored())).not.toContain('signing-key');
    expect(await scene.keyState(before ?? '')).toBe('PendingDeletion');
    await works();
  });
});
