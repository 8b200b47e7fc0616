import { afterAll, beforeAll, expect, test } from 'vitest';
import { AppScene } from './app-scene.ts';

interface Discovery {
  readonly installations: readonly {
    readonly account: string;
    readonly id: number;
    readonly state: string;
    readonly stored?: string;
    readonly suspended: boolean;
    readonly repositorySelection: string;
    readonly type: string;
    readonly permissions: Readonly<Record<string, string>>;
  }[];
  readonly gone: readonly {
    readonly account?: string;
    readonly stored: string;
    readonly renamedTo?: string;
  }[];
  readonly conflicts: readonly string[];
  readonly written: readonly string[];
  readonly removed: readonly string[];
}

const MANY = 130;
const accounts = Array.from({ length: MANY }, (_, at) => `account-${String(at).padStart(3, '0')}`);
const seed = JSON.stringify({
  accounts: accounts.map((login, at) => ({ login, type: at % 2 ? 'User' : 'Organization', repos: ['repo'] })),
  app: {
    slug: 'km-local',
    permissions: { contents: 'write', metadata: 'read' },
    installations: accounts.map((account) => ({ account, repositories: 'all' })),
  },
});

let scene: AppScene;

beforeAll(async () => {
  scene = await AppScene.start({ seed });
});

afterAll(() => scene[Symbol.asyncDispose]());

const discover = async (args: readonly string[] = []): Promise<Discovery & { readonly code: number }> => {
  const { code, stdout, stderr } = await scene.configure(['--discover', ...args, '--json']);
  if (stdout === '') throw new Error(stderr);
  return { code, ...JSON.parse(stdout) };
};

const entry = (account: string): string => `/km/config/github/installations/${account}`;
const states = ({ installations }: Discovery) => new Set(installations.map(({ state }) => state));

test('130 installations over several pages are all found, and those not stored are stored', async () => {
  const first = accounts.slice(0, 10);
  for (const account of accounts.slice(10)) await scene.take(`installations/${account}`);
  const { code, installations, written } = await discover();
  expect(code).toBe(0);
  expect(installations.map(({ account }) => account)).toEqual(accounts);
  expect(installations.filter(({ state }) => state === 'same').map(({ account }) => account)).toEqual(first);
  expect(written.filter((name) => name.startsWith(entry('')))).toEqual(accounts.slice(10).map(entry));
  const again = await discover();
  expect({ states: states(again), written: again.written }).toEqual({
    states: new Set(['same']),
    written: [],
  });
});

test('the list says account, type, selection, permissions and suspension', async () => {
  await scene.onGitHub('PATCH', '/installations/account-001', { suspended: true, repositories: ['repo'] });
  const { installations } = await discover();
  await scene.onGitHub('PATCH', '/installations/account-001', { suspended: false, repositories: 'all' });
  expect(installations.slice(0, 2)).toMatchObject([
    {
      account: 'account-000',
      type: 'Organization',
      repositorySelection: 'all',
      suspended: false,
      permissions: { contents: 'write', metadata: 'read' },
    },
    { account: 'account-001', type: 'User', repositorySelection: 'selected', suspended: true },
  ]);
  const { stdout } = await scene.configure(['--discover']);
  expect(stdout).toContain(`${MANY} installation(s) found`);
  expect(stdout).toMatch(/^ {2}ACCOUNT +TYPE +INSTALLATION +REPOS +PERMISSIONS +STATE +STORED$/m);
  expect(stdout).toMatch(/^ {2}account-001 +User +\d+ +all +contents:write metadata:read +active +same$/m);
});

test('an entry with another id is left without --force, which puts GitHub’s in its place', async () => {
  const id = await scene.installationId('account-002');
  await scene.put('installations/account-002', '777');
  await scene.take('installations/account-003');
  const left = await discover();
  expect(left).toMatchObject({ code: 1, conflicts: [entry('account-002')], written: [entry('account-003')] });
  expect((await scene.stored())['installations/account-002']).toBe('777');
  const forced = await discover(['--force']);
  expect(forced).toMatchObject({ code: 0, conflicts: [], written: [entry('account-002')] });
  expect((await scene.stored())['installations/account-002']).toBe(id);
});

test('an installation that was removed is gone; its entry stays until --prune', async () => {
  const id = await scene.installationId('account-004');
  await scene.onGitHub('DELETE', '/installations/account-004');
  await scene.put('installation-id', id);
  const found = await discover();
  expect(found).toMatchObject({
    code: 0,
    gone: [{ account: 'account-004', stored: id }, { stored: id }],
    removed: [],
  });
  expect((await scene.stored())['installations/account-004']).toBe(id);
  expect((await discover(['--prune', '--dry-run'])).removed).toEqual([]);
  const pruned = await discover(['--prune']);
  expect(pruned.removed).toEqual([entry('account-004'), '/km/config/github/installation-id']);
  expect(Object.keys(await scene.stored())).not.toContain('installations/account-004');
  expect((await discover()).gone).toEqual([]);
});

test('an installation that was removed and made again has another id: changed', async () => {
  const before = await scene.installationId('account-005');
  await scene.onGitHub('DELETE', '/installations/account-005');
  await scene.onGitHub('POST', '/installations', { account: 'account-005', repositories: 'all' });
  const { installations } = await discover();
  const after = Number(await scene.installationId('account-005'));
  expect(installations.find(({ account }) => account === 'account-005')).toMatchObject({
    id: after,
    state: 'changed',
    stored: before,
  });
  expect(await discover(['--force'])).toMatchObject({ written: [entry('account-005')] });
});

test('an account renamed since is named by both names, and --account by its old one leads to the new', async () => {
  const id = await scene.installationId('account-006');
  await scene.onGitHub('POST', '/accounts/account-006/rename', { login: 'new-name' });
  const old = await scene.configure(['--account', 'account-006']);
  expect(old.code).toBe(1);
  expect(old.stderr).toContain(`The account 'account-006' is now 'new-name'`);
  expect(old.stderr).toContain('--account new-name');
  const found = await discover();
  expect(found.gone).toEqual([{ account: 'account-006', stored: id, renamedTo: 'new-name' }]);
  expect(found.written).toEqual([entry('new-name')]);
  const { stdout } = await scene.configure(['--discover', '--prune']);
  expect(stdout).toContain(`gone: account-006 (${id}), which is new-name now`);
  expect((await scene.stored())['installations/new-name']).toBe(id);
  expect(Object.keys(await scene.stored())).not.toContain('installations/account-006');
});

test('with an account, only that account’s entry is looked at', async () => {
  await scene.take('installations/account-007');
  await scene.take('installations/account-008');
  const { installations, written } = await discover(['--account', 'account-007']);
  expect(installations.map(({ account }) => account)).toEqual(['account-007']);
  expect(written).toEqual([entry('account-007')]);
});

test('without an App stored it says how to get one', async () => {
  await scene.forget();
  const { code, stderr } = await scene.configure(['--discover']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: GitHub App not configured \(ErrGitHubNotConfigured\)\n→ km github /);
  const missing = await scene.configure(['--discover', '--non-interactive']);
  expect(missing).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--app-client-id ID, --private-key-file PATH.'),
  });
});
