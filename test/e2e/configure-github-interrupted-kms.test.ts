import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppScene } from './app-scene.ts';
import { type Call, consistent, failEachOnce, kms, ssm } from './interrupt.ts';

let scene: AppScene;

beforeAll(async () => {
  scene = await AppScene.start();
});

afterAll(() => scene[Symbol.asyncDispose]());

const cloudFormation: Call = { service: 'cloudformation', operation: 'UpdateStack' };

/** The one signer is in use, with this key, and nothing is left of the other. */
async function complete(signer: 'parameter' | 'kms', fingerprint: string): Promise<void> {
  expect(await consistent(scene)).toMatchObject({ configured: true, signer, key: { fingerprint } });
  const stored = Object.keys(await scene.stored());
  const keys = ['private-key', 'private-key-candidate', 'signing-key'];
  expect(keys.filter((name) => stored.includes(name))).toEqual([
    signer === 'kms' ? 'signing-key' : 'private-key',
  ]);
  // No key that signs is left over but the one in use.
  const states = (await scene.appKeys()).filter((state) => state !== 'PendingDeletion');
  expect(states).toEqual(signer === 'kms' ? ['Enabled'] : []);
}

async function change(args: readonly string[]): Promise<void> {
  expect(await scene.configure(args)).toMatchObject({ code: 0 });
}

const to = async (signer: 'parameter' | 'kms', name: string) => {
  const { path, fingerprint } = await scene.newKey(name);
  return { args: ['--signer', signer, '--private-key-file', path], fingerprint };
};

describe('each call fails once, and the command is run again', () => {
  test.each([
    ...['CreateKey', 'CreateAlias', 'GetParametersForImport', 'ImportKeyMaterial'].map(kms),
    ...[
      kms('GetPublicKey'),
      cloudFormation,
      ssm('PutParameter'),
      ssm('DeleteParameters'),
      kms('DeleteAlias'),
    ],
  ])('a move into KMS: $operation', async (call) => {
    const inKms = await to('kms', 'in-kms.pem');
    const stored = await to('parameter', 'stored.pem');
    const failures = await failEachOnce(scene, [call], {
      prepare: async () => {
        await change(stored.args);
        return inKms.args;
      },
      complete: () => complete('kms', inKms.fingerprint),
    });
    expect(failures).toBeGreaterThanOrEqual(1);
  });

  test.each([
    cloudFormation,
    ssm('PutParameter'),
    ssm('DeleteParameters'),
    kms('ScheduleKeyDeletion'),
    kms('DeleteAlias'),
  ])('a move back: $operation', async (call) => {
    const inKms = await to('kms', 'in-kms.pem');
    const stored = await to('parameter', 'stored.pem');
    const failures = await failEachOnce(scene, [call], {
      prepare: async () => {
        await change(inKms.args);
        return stored.args;
      },
      complete: () => complete('parameter', stored.fingerprint),
    });
    expect(failures).toBeGreaterThanOrEqual(1);
  });

  test('a rotation in KMS', async () => {
    await change((await to('kms', 'first.pem')).args);
    let fingerprint = '';
    const operations = [
      'CreateKey',
      'CreateAlias',
      'ImportKeyMaterial',
      'UpdateAlias',
      'ScheduleKeyDeletion',
    ];
    const failures = await failEachOnce(
      scene,
      [...operations, 'DeleteAlias'].map(kms).concat(ssm('PutParameter'), {
        service: 'lambda',
        operation: 'Invoke',
      }),
      {
        prepare: async () => {
          const key = await scene.newKey('next.pem');
          ({ fingerprint } = key);
          return ['--rotate-key', '--private-key-file', key.path];
        },
        complete: () => complete('kms', fingerprint),
      },
    );
    expect(failures).toBeGreaterThanOrEqual(11);
  });

  test('another App in the place of one that signs in KMS', async () => {
    const app = await scene.app();
    const other = await scene.otherApp('another-than-in-kms', 'my-user');
    const inKms = await to('kms', 'in-kms-again.pem');
    const back = await scene.newKey('first-app.pem');
    const flags = (clientId: string, path: string) => [
      ...['--app-client-id', clientId, '--private-key-file', path, '--account', 'my-user', '--force'],
    ];
    const failures = await failEachOnce(
      scene,
      [ssm('PutParameter'), cloudFormation, ssm('DeleteParameters')],
      {
        prepare: async () => {
          const { signer, client_id } = await consistent(scene);
          if (client_id !== app.client_id) await change(flags(app.client_id, back.path));
          if (signer !== 'kms' || client_id !== app.client_id) await change(inKms.args);
          return flags(other.clientId, other.path);
        },
        complete: () => complete('parameter', other.fingerprint),
      },
    );
    expect(failures).toBeGreaterThanOrEqual(5);
  });
});
