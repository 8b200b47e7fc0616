import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppScene, type LocalApp } from './app-scene.ts';
import { consistent, failEachOnce, killAtEachStep, type Repeated, ssm } from './interrupt.ts';

let scene: AppScene;
let app: LocalApp;

beforeAll(async () => {
  scene = await AppScene.start();
  app = await scene.app();
});

afterAll(() => scene[Symbol.asyncDispose]());

const storing = async (): Promise<Repeated> => {
  const key = await scene.newKey('first.pem');
  return {
    prepare: async () => {
      await scene.forget();
      return ['--app-client-id', app.client_id, '--private-key-file', key.path, '--discover'];
    },
    complete: async () => {
      expect(await consistent(scene)).toMatchObject({
        configured: true,
        key: { fingerprint: key.fingerprint },
      });
      expect(Object.keys(await scene.stored())).toEqual([
        ...['app-client-id', 'app-slug', 'installations/my-org', 'installations/my-user', 'private-key'],
      ]);
    },
  };
};

let others = 0;

const anotherApp = async (): Promise<Repeated> => {
  const first = await scene.newKey('first-again.pem');
  others += 1;
  const other = await scene.otherApp(`the-other-app-${others}`, 'my-user');
  const flags = (clientId: string, path: string) => [
    ...['--app-client-id', clientId, '--private-key-file', path, '--account', 'my-user', '--force'],
  ];
  return {
    prepare: async () => {
      expect(await scene.configure(flags(app.client_id, first.path))).toMatchObject({ code: 0 });
      return flags(other.clientId, other.path);
    },
    complete: async () => {
      expect(await consistent(scene)).toMatchObject({
        configured: true,
        client_id: other.clientId,
        key: { fingerprint: other.fingerprint },
      });
      expect((await scene.stored())['installations/my-user']).toBe(other.installationId);
    },
  };
};

const discovering = async (): Promise<Repeated> => ({
  prepare: async () => {
    await scene.take('installations/my-org');
    await scene.put('installations/my-user', '777');
    await scene.put('installations/long-gone', '778');
    return ['--discover', '--prune', '--force'];
  },
  complete: async () => {
    const stored = Object.entries(await scene.stored()).filter(([name]) => name.startsWith('installations/'));
    expect(Object.fromEntries(stored)).toEqual({
      'installations/my-org': await scene.installationId('my-org'),
      'installations/my-user': await scene.installationId('my-user'),
    });
  },
});

const rotating = async (): Promise<Repeated> => {
  let fingerprint = '';
  return {
    prepare: async () => {
      const key = await scene.newKey('rotation.pem');
      ({ fingerprint } = key);
      return ['--rotate-key', '--private-key-file', key.path];
    },
    complete: async () => {
      expect(await consistent(scene)).toMatchObject({ configured: true, key: { fingerprint } });
      expect(Object.keys(await scene.stored())).not.toContain('private-key-candidate');
    },
  };
};

const backToTheFirst = async (): Promise<void> => {
  const { prepare } = await storing();
  expect(await scene.configure(await prepare())).toMatchObject({ code: 0 });
};

describe('each call fails once, and the command is run again', () => {
  test.each([
    ['storing for the first time', storing, ['PutParameter', 'GetParametersByPath'], 6],
    ['another App in the place of the stored one', anotherApp, ['PutParameter', 'DeleteParameters'], 5],
    ['a discovery', discovering, ['PutParameter', 'DeleteParameters'], 3],
    ['a rotation', rotating, ['PutParameter', 'DeleteParameters'], 3],
  ])('%s', async (_name, scenario, operations, least) => {
    await backToTheFirst();
    expect(await failEachOnce(scene, operations.map(ssm), await scenario())).toBeGreaterThanOrEqual(least);
  });

  test('another App, where the platform does not answer', async () => {
    await backToTheFirst();
    const call = { service: 'cloudformation', operation: 'DescribeStacks' };
    expect(await failEachOnce(scene, [call], await anotherApp())).toBe(1);
  });

  test('a rotation, where the refresher does not answer', async () => {
    await backToTheFirst();
    const call = { service: 'lambda', operation: 'Invoke' };
    expect(await failEachOnce(scene, [call], await rotating())).toBeGreaterThanOrEqual(5);
  });
});

describe('it is killed at each step, and run again', () => {
  test.each([
    ['storing for the first time', storing],
    ['another App in the place of the stored one', anotherApp],
    ['a discovery', discovering],
    ['a rotation', rotating],
  ])('%s', async (_name, scenario) => {
    await backToTheFirst();
    expect(await killAtEachStep(scene, await scenario())).toBeGreaterThan(0);
  });
});

describe('GitHub does not answer', () => {
  const during = async (match: string, args: readonly string[]) => {
    await scene.world.faults({ github: { rules: [{ match, status: 503 }] } });
    const result = await scene.configure(args);
    await scene.world.faults({ github: { rules: [] } });
    return result;
  };

  test('nothing is written that could not be checked', async () => {
    const { prepare } = await storing();
    const args = await prepare();
    const result = await during('* /app*', args);
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('(ErrGitHubUnavailable)') });
    expect(await scene.stored()).toEqual({});
    expect(await scene.configure(args)).toMatchObject({ code: 0 });
  });

  test('a key that no token could be minted with is not switched to', async () => {
    await backToTheFirst();
    const before = await scene.stored();
    const { prepare, complete } = await rotating();
    const args = await prepare();
    expect(await during('POST */access_tokens', args)).toMatchObject({ code: 1 });
    expect(await scene.stored()).toEqual(before);
    expect(await scene.configure(args)).toMatchObject({ code: 0 });
    await complete();
  });
});
