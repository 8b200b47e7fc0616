import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { leftSetup } from '../../lib/app/setup-begin.ts';
import type { RecordAt } from '../../lib/app/setup-record.ts';
import { type SetupRecovery, setupRecovery, setupRecoveryFile } from '../../lib/app/setup-recovery.ts';
import { refusal } from '../github/refusal.ts';

const PLATFORM = { account: '123456789012', region: 'us-east-1', prefix: 'km' };
const shared = { version: 1, pid: 4242, host: 'github.com', replace: false } as const;
const started = { ...shared, stage: 'started' } as const;
const code = { ...shared, stage: 'code', code: 'one-time-code' } as const;
const app: RecordAt<'app'> = {
  ...shared,
  stage: 'app',
  app: {
    id: 1,
    slug: 'km',
    name: 'km',
    owner: 'my-user',
    clientId: 'Iv23li',
    htmlUrl: 'https://github.com/apps/km',
    pem: 'PEM OF THE APP',
  },
};

let home: string;
let folder: string;
let recovery: SetupRecovery;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'km-recovery-'));
  folder = join(home, 'state', 'km');
  recovery = setupRecovery(folder, PLATFORM);
});
afterEach(() => rm(home, { recursive: true, force: true }));

test('a record is read back as it was written, from a file that is open to its owner alone', async () => {
  await recovery.create(started);
  expect(await recovery.read()).toEqual(started);
  await recovery.replace(app);
  expect(await recovery.read()).toEqual(app);
  expect((await stat(recovery.file)).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect(await readdir(folder)).toHaveLength(1);
});

test('after removing it nothing is left', async () => {
  await recovery.create(started);
  await writeFile(`${recovery.file}.new`, JSON.stringify(app), { mode: 0o600 });
  await recovery.remove();
  await recovery.remove();
  expect(await readdir(folder)).toEqual([]);
  expect(await recovery.read()).toBeUndefined();
});

test('a second run at the same time finds the place taken', async () => {
  await recovery.create(started);
  expect((await refusal(recovery.create(started))).message).toBe(
    'Another `km github` has just begun for this platform.',
  );
});

test.each([
  ['account', { ...PLATFORM, account: '210987654321' }],
  ['region', { ...PLATFORM, region: 'eu-west-1' }],
  ['prefix', { ...PLATFORM, prefix: 'km2' }],
  ['endpoint', { ...PLATFORM, endpoint: 'http://127.0.0.1:4566' }],
])('a platform of another %s has another file', (_what, platform) => {
  expect(setupRecoveryFile(folder, platform)).not.toBe(recovery.file);
});

describe('links and files of others', () => {
  test('a link in its place is not followed', async () => {
    await recovery.create(started);
    await rm(recovery.file);
    const elsewhere = join(home, 'elsewhere');
    await writeFile(elsewhere, JSON.stringify(app), { mode: 0o600 });
    await symlink(elsewhere, recovery.file);
    expect(await refusal(recovery.read())).toMatchObject({ code: 'ErrSetupRecovery' });
    expect(await refusal(recovery.create(started))).toMatchObject({ code: 'ErrSetupRecovery' });
    expect(await readFile(elsewhere, 'utf8')).toBe(JSON.stringify(app));
  });

  test('a link where the next record is written is taken away, and what it points to stays', async () => {
    await recovery.create(started);
    const elsewhere = join(home, 'elsewhere');
    await writeFile(elsewhere, 'untouched');
    await symlink(elsewhere, `${recovery.file}.new`);
    await recovery.replace(app);
    expect(await readFile(elsewhere, 'utf8')).toBe('untouched');
    expect(await recovery.read()).toEqual(app);
  });

  test('a file that others may read is not believed', async () => {
    await recovery.create(started);
    await chmod(recovery.file, 0o640);
    expect((await refusal(recovery.read())).message).toContain('is not as km leaves it');
  });

  test.each(['', '{', '{"version":2}', JSON.stringify({ ...app, extra: 1 })])(
    '%j is no record',
    async (text) => {
      await recovery.create(started);
      await writeFile(recovery.file, text);
      const error = await refusal(recovery.read());
      expect(error.message).toContain('is not a record');
      expect(`${error.message} ${error.remedy} ${error.cause}`).not.toContain('PEM OF THE APP');
    },
  );
});

describe('a run that was cut off', () => {
  test('between writing the App and giving it its name has lost nothing', async () => {
    await recovery.create(code);
    await writeFile(`${recovery.file}.new`, JSON.stringify(app), { mode: 0o600 });
    expect(await recovery.read()).toEqual(app);
    expect(await readdir(folder)).toHaveLength(1);
  });

  test('in the middle of writing the App still has its code', async () => {
    await recovery.create(code);
    await writeFile(`${recovery.file}.new`, JSON.stringify(app).slice(0, 60), { mode: 0o600 });
    expect(await recovery.read()).toEqual(code);
  });

  test.each([code, app])('at the stage $stage is gone on with', async (record) => {
    await recovery.create(record);
    expect(await leftSetup(recovery, () => false)).toEqual(record);
    expect(await recovery.read()).toEqual(record);
  });

  test('while it waited for the browser left nothing to go on with', async () => {
    await recovery.create(started);
    expect(await leftSetup(recovery, () => false)).toBeUndefined();
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([started, code, app])(
    'and is still there at the stage $stage stands in the way',
    async (record) => {
      await recovery.create(record);
      const error = await refusal(leftSetup(recovery, (pid) => pid === 4242));
      expect(error).toMatchObject({ code: 'ErrSetupRecovery', remedy: expect.stringContaining('kill 4242') });
      expect(await recovery.read()).toEqual(record);
    },
  );
});
