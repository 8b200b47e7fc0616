import { describe, expect, test } from 'vitest';
import { refresh } from '../../lib/broker/refresh.ts';
import { refusal } from '../github/refusal.ts';
import { PKCS8 } from '../github/test-app.ts';
import { APP_PARAMETERS, type BrokerScene, brokerScene, event, names } from './broker-scene.ts';

const run = (scene: BrokerScene, refreshEvent: ReturnType<typeof event>) =>
  refresh(scene.broker, refreshEvent, { deadline: scene.deadline() });
const json = (status: number, message: string) => new Response(JSON.stringify({ message }), { status });

describe("the App's parameters", () => {
  const reads = (scene: BrokerScene) => scene.store.calls.filter(({ operation }) => operation === 'read');

  test('are read in one call for six owners', async () => {
    const owners = ['a', 'b', 'c', 'd', 'e', 'f'];
    const accounts = Object.fromEntries(
      owners.map((owner, index) => [owner, { id: index + 1, repos: ['r'] }]),
    );
    const scene = brokerScene(APP_PARAMETERS, accounts);
    await run(scene, event(owners.map((owner) => `${owner}/r`)));
    expect(reads(scene).map(({ names: read }) => read.length)).toEqual([10]);
  });

  test('are read in further calls only for the hints of more owners', async () => {
    const owners = Array.from({ length: 18 }, (_, index) => `o${index}`);
    const accounts = Object.fromEntries(
      owners.map((owner, index) => [owner, { id: index + 1, repos: ['r'] }]),
    );
    const scene = brokerScene(APP_PARAMETERS, accounts);
    await run(scene, event(owners.map((owner) => `${owner}/r`)));
    expect(reads(scene).map(({ names: read }) => read.length)).toEqual([10, 10, 2]);
  });

  test('are kept for five minutes, and hints are read for new owners only', async () => {
    const scene = brokerScene();
    await run(scene, event(['my-user/my-repo']));
    scene.world.advance(299_000);
    await run(scene, event(['my-user/my-repo']));
    expect(reads(scene)).toHaveLength(1);
    await run(scene, event(['my-user/my-repo', 'my-org/x']));
    expect(
      reads(scene)
        .slice(1)
        .map(({ names: read }) => read),
    ).toEqual([[names.installation('my-org')]]);
    scene.world.advance(1_000);
    await run(scene, event(['my-user/my-repo']));
    expect(reads(scene)).toHaveLength(3);
  });

  test('are not kept when they were not usable', async () => {
    const scene = brokerScene({});
    await refusal(run(scene, event(['my-user/my-repo'])));
    for (const [name, value] of Object.entries(APP_PARAMETERS)) scene.store.put(name, value);
    expect(await run(scene, event(['my-user/my-repo']))).toHaveLength(1);
  });

  test('are read again when GitHub rejects the key, which heals a rotation', async () => {
    const scene = brokerScene();
    await run(scene, event(['my-user/my-repo']));
    // The same key in another form: its fingerprint differs, and the test's App accepts it.
    scene.store.put(names.privateKey, PKCS8);
    scene.github.intercept = ({ name }) =>
      name === 'POST /app/installations/1/access_tokens' && reads(scene).length === 1
        ? json(401, 'A JSON web token could not be decoded')
        : undefined;
    expect(await run(scene, event(['my-user/my-repo']))).toHaveLength(1);
    expect(reads(scene)).toHaveLength(2);
  });

  test('that GitHub still rejects when they are read again are not tried a second time', async () => {
    const scene = brokerScene();
    scene.github.intercept = ({ name }) =>
      name.endsWith('/installation') ? json(401, 'A JSON web token could not be decoded') : undefined;
    expect((await refusal(run(scene, event(['my-user/my-repo'])))).code).toBe('ErrGitHubKeyOfAnotherApp');
    expect(reads(scene)).toHaveLength(2);
    expect(scene.github.requests).toHaveLength(1);
  });

  test('are read again only once for owners that fail together', async () => {
    const scene = brokerScene();
    scene.github.intercept = ({ name }) =>
      name.endsWith('/installation') ? json(401, 'A JSON web token could not be decoded') : undefined;
    const error = await refusal(run(scene, event(['my-user/my-repo', 'my-org/x'])));
    expect(error.code).toBe('ErrGitHubKeyOfAnotherApp');
    expect(reads(scene).length).toBeLessThanOrEqual(3);
  });
});
