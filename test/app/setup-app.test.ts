import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { finishSetup } from '../../lib/app/setup-app.ts';
import { leftSetup } from '../../lib/app/setup-begin.ts';
import type { RecordAt } from '../../lib/app/setup-record.ts';
import { refusal } from '../github/refusal.ts';
import { setupScene } from './setup-scene.ts';

const KEY = '/km/config/github/private-key';
const CLIENT_ID = '/km/config/github/app-client-id';
const SLUG = '/km/config/github/app-slug';
const HOST = '/km/config/github/host';

const record: RecordAt<'code'> = {
  version: 1,
  stage: 'code',
  code: 'the-code',
  pid: 4242,
  host: 'github.com',
  replace: false,
};
const SET_UP = { [KEY]: 'PEM OF THE NEW APP', [CLIENT_ID]: 'Iv23liMade', [SLUG]: 'km-made' };
const OTHER = { [KEY]: 'PEM OF ANOTHER APP', [CLIENT_ID]: 'Iv23liOther', [SLUG]: 'another' };

const contents = (stored: ReadonlyMap<string, string>) => Object.fromEntries(stored);

test('the key is stored first, then what makes the pair count, then the rest, and the file goes last', async () => {
  await using scene = await setupScene();
  await scene.recovery.create(record);
  const app = await finishSetup(scene.context, record, { recovery: scene.recovery });
  expect(app).toEqual({
    id: 7,
    slug: 'km-made',
    name: 'km made',
    owner: 'my-user',
    clientId: 'Iv23liMade',
    htmlUrl: 'https://github.com/apps/km-made',
    host: 'github.com',
    installUrl: 'https://github.com/apps/km-made/installations/new',
  });
  expect(scene.calls).toEqual([
    'convert',
    `put ${KEY}`,
    'look at the platform',
    `put ${CLIENT_ID}`,
    `put ${SLUG}`,
  ]);
  expect(contents(scene.stored)).toEqual(SET_UP);
  expect(await scene.files()).toEqual([]);
});

test('before the first parameter is written, the App is in the recovery file', async () => {
  await using scene = await setupScene();
  await scene.recovery.create(record);
  scene.failOnce(`put ${KEY}`);
  await refusal(finishSetup(scene.context, record, { recovery: scene.recovery }));
  expect(await scene.recovery.read()).toMatchObject({ stage: 'app', app: { pem: 'PEM OF THE NEW APP' } });
});

test.each(['convert', `put ${KEY}`, 'look at the platform', `put ${CLIENT_ID}`, `put ${SLUG}`])(
  'when %j fails once, the next run ends with everything stored and nothing left',
  async (call) => {
    await using scene = await setupScene();
    await scene.recovery.create(record);
    scene.failOnce(call);
    const error = await finishSetup(scene.context, record, { recovery: scene.recovery }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    expect(inspect(error, { depth: 9 })).not.toContain('PEM OF');
    // A client id counts only once its own key stands beside it.
    if (scene.stored.has(CLIENT_ID)) expect(scene.stored.get(KEY)).toBe('PEM OF THE NEW APP');

    const left = await leftSetup(scene.recovery, () => false);
    if (left === undefined) throw new Error('nothing was left');
    await finishSetup(scene.context, left, { recovery: scene.recovery });
    expect(contents(scene.stored)).toEqual(SET_UP);
    expect(await scene.files()).toEqual([]);
    expect(scene.calls.filter((each) => each === 'convert')).toHaveLength(call === 'convert' ? 2 : 1);
  },
);

test.each([`delete ${CLIENT_ID}`, `put ${KEY}`, 'look at the platform', `put ${CLIENT_ID}`, `put ${SLUG}`])(
  'when %j fails once in replacing an App, its own pair stays or none counts, and the next run ends it',
  async (call) => {
    await using scene = await setupScene();
    for (const [name, value] of Object.entries(OTHER)) scene.stored.set(name, value);
    const replacing = { ...record, replace: true };
    await scene.recovery.create(replacing);
    scene.failOnce(call);
    await expect(finishSetup(scene.context, replacing, { recovery: scene.recovery })).rejects.toThrow();
    const pair = [scene.stored.get(CLIENT_ID), scene.stored.get(KEY)];
    expect([
      [OTHER[CLIENT_ID], OTHER[KEY]],
      [undefined, OTHER[KEY]],
      [undefined, SET_UP[KEY]],
      [SET_UP[CLIENT_ID], SET_UP[KEY]],
    ]).toContainEqual(pair);

    const left = await leftSetup(scene.recovery, () => false);
    if (left === undefined) throw new Error('nothing was left');
    await finishSetup(scene.context, left, { recovery: scene.recovery });
    expect(contents(scene.stored)).toEqual(SET_UP);
    expect(await scene.files()).toEqual([]);
  },
);

test('an App that was configured in the meantime is left, and the new one stays in the file', async () => {
  await using scene = await setupScene();
  for (const [name, value] of Object.entries(OTHER)) scene.stored.set(name, value);
  await scene.recovery.create(record);
  const error = await refusal(finishSetup(scene.context, record, { recovery: scene.recovery }));
  expect(error.code).toBe('ErrAppConfigExists');
  expect(contents(scene.stored)).toEqual(OTHER);
  expect(await scene.recovery.read()).toMatchObject({ stage: 'app' });
});

test('when the App cannot be written down, it is stored all the same, with a warning', async () => {
  await using scene = await setupScene();
  const warnings: string[] = [];
  const recovery = {
    ...scene.recovery,
    replace: async () => {
      throw new Error('ENOSPC');
    },
  };
  await finishSetup(scene.context, record, { recovery, onWarning: (warning) => warnings.push(warning) });
  expect(warnings).toEqual(['ENOSPC']);
  expect(contents(scene.stored)).toEqual(SET_UP);
});

test('a spent code tells where the App is and both ways on, and stands in no later run’s way', async () => {
  await using scene = await setupScene();
  await finishSetup(scene.context, record, { recovery: scene.recovery });
  scene.stored.clear();
  const again = { ...record, org: 'my-org' };
  await scene.recovery.create(again);
  const error = await refusal(finishSetup(scene.context, again, { recovery: scene.recovery }));
  expect(error.code).toBe('ErrGitHubManifestCode');
  expect(error.remedy).toContain('https://github.com/organizations/my-org/settings/apps');
  expect(error.remedy).toContain('km configure github --app-client-id ID --private-key-file PATH');
  expect(await scene.files()).toEqual([]);
});

test('another host than github.com is stored beside the App', async () => {
  await using scene = await setupScene();
  const there = { ...record, host: 'ghes.example.com' };
  const app = await finishSetup(scene.context, there, { recovery: scene.recovery });
  expect(contents(scene.stored)).toEqual({ ...SET_UP, [HOST]: 'ghes.example.com' });
  // GitHub named a page of another origin: it is not followed.
  expect(app.installUrl).toBe('https://ghes.example.com/apps/km-made/installations/new');
});
