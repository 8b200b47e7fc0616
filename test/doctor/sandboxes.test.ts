import { expect, test } from 'vitest';
import { sandboxKeys } from '../../lib/doctor/checks/sandbox-keys.ts';
import { sandboxRepos } from '../../lib/doctor/checks/sandbox-repos.ts';
import { sandboxSchedules } from '../../lib/doctor/checks/sandbox-schedules.ts';
import { sandboxTokens } from '../../lib/doctor/checks/sandbox-tokens.ts';
import { FEW, sandboxStacks } from '../../lib/doctor/checks/sandboxes.ts';
import type { Facts, ParameterFact } from '../../lib/doctor/facts.ts';
import { healthyFacts, ID, KEY, MINUTE, NOW, names, sandbox, token } from './healthy-facts.ts';
import { checkTable } from './run-table.ts';

const one = (changes: Parameters<typeof sandbox>[0]): Partial<Facts> => ({
  sandboxes: async () => [sandbox(changes)],
});
const schedules = (...entries: [string, string][]): Partial<Facts> => ({
  schedules: async () => new Map(entries),
});
const withoutRefresh = (changes: Parameters<typeof sandbox>[0]) => {
  const { refreshStart: _refreshStart, ...others } = sandbox(changes);
  return others;
};
const parameters = (...found: ParameterFact[]): Partial<Facts> => ({ sandboxParameters: async () => found });
const failing = (parameter: ParameterFact): ParameterFact => ({
  ...parameter,
  description: JSON.stringify({
    ...JSON.parse(parameter.description),
    failure: { code: 'ErrGitHubInstallationSuspended', at: new Date(NOW - 5 * MINUTE).toISOString() },
  }),
});
const again = `km destroy ${ID}   # then create it again`;

checkTable(sandboxStacks, [
  [
    'a stack that was rolled back',
    one({ stackStatus: 'ROLLBACK_COMPLETE' }),
    ['fail', /^sb-1234abcd is ROLLBACK_COMPLETE$/, `km destroy ${ID}`],
  ],
  [
    'a deletion that failed',
    one({ stackStatus: 'DELETE_FAILED', stackStatusReason: 'no' }),
    ['fail', /DELETE_FAILED: no$/, `km destroy ${ID}`],
  ],
  [
    'a stack that km did not write',
    one({ unreadable: true, stackStatusReason: 'strange' }),
    ['fail', /not readable: strange/, `km destroy ${ID}`],
  ],
  [
    'one that is being made',
    one({ stackStatus: 'CREATE_IN_PROGRESS' }),
    ['skip', /CREATE_IN_PROGRESS/, /^km doctor sb-1234abcd/],
  ],
  [
    'an id that is nobody’s',
    {},
    ['fail', /^no sandbox sb-00000000 in us-east-1$/, 'km list'],
    { ids: ['sb-00000000'] },
  ],
]);

checkTable(sandboxKeys, [
  [
    'it is the shared one, which has one alias for all',
    { ...one({ encryption: 'shared' }), aliases: async () => new Map() },
    ['ok', /each has its key/],
  ],
  [
    'its alias is gone',
    { aliases: async () => new Map() },
    [
      'fail',
      /alias\/km-github-token-sb-1234abcd is gone/,
      `aws kms create-alias --alias-name ${names.keyAlias(ID)} --target-key-id ${KEY}   # as an administrator`,
    ],
  ],
  [
    'it is disabled',
    { keyState: async () => 'Disabled' },
    ['fail', /its key is Disabled/, /^aws kms enable-key --key-id arn/],
  ],
  [
    'it is on its way out',
    { keyState: async () => 'PendingDeletion' },
    ['fail', /PendingDeletion/, /^aws kms cancel-key-deletion .* && aws kms enable-key /],
  ],
  ['it is gone', { keyState: async () => 'missing' }, ['fail', /gone, and no token can be read/, again]],
]);

test('a key that a strange stack names gets into no command', async () => {
  const strange = one({ keyArn: `${KEY}; rm -rf ~` });
  const aliases = async () => new Map<string, string>();
  const findings = await sandboxKeys.run(healthyFacts({ ...strange, aliases }));
  expect(findings).toMatchObject([{ status: 'fail', remedy: again }]);
});

const end = { expiresAt: NOW + 60 * MINUTE, createdAt: NOW - 20 * MINUTE };

checkTable(sandboxSchedules, [
  ['it is gone', schedules(), ['fail', /km-github-token-sb-1234abcd is gone/, again]],
  [
    'it is disabled',
    schedules([names.schedule(ID), 'DISABLED']),
    ['fail', /is DISABLED/, /^km doctor sb-1234abcd --fix --yes/],
  ],
  ['the end of its time is gone', one(end), ['fail', /km-ttl-sb-1234abcd is gone/, again]],
  [
    'it should have ended',
    one({ expiresAt: NOW - 10 * MINUTE }),
    ['fail', /should have ended 10m ago/, `km destroy ${ID}`],
  ],
  [
    'it ends before its first refresh',
    {
      sandboxes: async () => [withoutRefresh({ createdAt: NOW - MINUTE, expiresAt: NOW + 29 * MINUTE })],
      ...schedules([names.ttlSchedule(ID), 'ENABLED']),
    },
    ['ok', /each is there/],
  ],
  [
    'it is paused, and its schedule rests',
    { ...one({ paused: true }), ...schedules([names.schedule(ID), 'DISABLED']) },
    ['ok', /enabled unless it is paused/],
  ],
  [
    'it is paused, and its schedule does not rest',
    { ...one({ paused: true }), ...schedules([names.schedule(ID), 'ENABLED']) },
    ['warn', /is paused, and its schedule .* is ENABLED/, `km resume ${ID} && km pause ${ID}`],
  ],
  ['it has no GitHub', { sandboxes: async () => [withoutGitHub()], ...schedules() }, ['ok', /each is there/]],
]);

function withoutGitHub() {
  const { event: _, ...rest } = sandbox();
  return rest;
}

checkTable(sandboxTokens, [
  [
    'it is paused and has none',
    { ...one({ paused: true }), ...parameters() },
    ['ok', /^sb-1234abcd: paused, without a token$/],
  ],
  [
    'it is paused, and one still works',
    { ...one({ paused: true }), ...parameters(token()) },
    ['fail', /is paused, and has a token that may work/, `km revoke ${ID}`],
  ],
  [
    'it is paused, and one could not be revoked',
    { ...one({ paused: true }), ...parameters({ ...token(), description: '{"destroyed":true}' }) },
    ['fail', /is paused, and has a token that may work/, `km revoke ${ID}`],
  ],
  [
    'it cannot be renewed, for a reason that stays',
    parameters(failing(token())),
    [
      'fail',
      /my-user: cannot be renewed since 5m: ErrGitHubInstallationSuspended; the token expires in 50m/,
      /km refresh sb-1234abcd$/,
    ],
  ],
  [
    'it is encrypted with the shared key, as it should be',
    {
      ...one({ encryption: 'shared' }),
      ...parameters({ ...token(), keyId: names.sharedKeyAlias }),
    },
    ['ok', /my-user, minted/],
  ],
  [
    'it is encrypted with a key of its own where it should be the shared one',
    { ...one({ encryption: 'shared' }), ...parameters(token()) },
    ['fail', /instead of the shared key/, `km refresh ${ID}`],
  ],
  ['it is missing', parameters(), ['fail', /no token for my-user/, again]],
  [
    'it has expired',
    parameters(token(ID, { minted: -70, expires: -10 })),
    ['fail', /expired 10m ago/, `km refresh ${ID}`],
  ],
  [
    'a refresh was missed',
    parameters(token(ID, { minted: -55, expires: 5 })),
    ['warn', /minted 55m ago, expires in 5m: a refresh was missed/, `km refresh ${ID}`],
  ],
  ['it is plain text', parameters({ ...token(), type: 'String' }), ['fail', /plain text/, again]],
  [
    'it is under another key',
    parameters({ ...token(), keyId: 'alias/aws/ssm' }),
    ['fail', /alias\/aws\/ssm instead of its own key/, `km refresh ${ID}`],
  ],
  [
    'km did not write it',
    parameters({ ...token(), description: 'my PAT' }),
    ['fail', /may hold a personal access token/, `km refresh ${ID}`],
  ],
]);

const problem = (code: string) => ({
  scopeProblems: async () => [{ code, message: `told: ${code}`, remedy: 'Add it' }],
});

checkTable(sandboxRepos, [
  [
    'a repo that left the installation',
    problem('ErrGitHubRepoNotInInstallation'),
    ['fail', /^sb-1234abcd: told/, 'Add it'],
  ],
  [
    'a suspended installation, which another check tells',
    problem('ErrGitHubInstallationSuspended'),
    ['skip', /not looked at/],
  ],
]);

test('each token is told with its times when there are few, and all in one line when there are many', async () => {
  const few = await sandboxTokens.run(healthyFacts());
  expect(few.map(({ finding }) => finding)).toEqual(['sb-1234abcd: my-user, minted 10m ago, expires in 50m']);
  const ids = Array.from({ length: FEW + 1 }, (_, index) => `sb-${index.toString(16).padStart(8, '0')}`);
  const many = {
    sandboxes: async () => ids.map((id) => sandbox({ id })),
    ...parameters(...ids.map((id) => token(id))),
  };
  expect((await sandboxTokens.run(healthyFacts(many))).map(({ finding }) => finding)).toEqual(['21 work']);
  expect(await sandboxTokens.run(healthyFacts(many, { ids: ids.slice(0, 2) }))).toHaveLength(2);
});

test('with many sandboxes no key is asked for by itself, and the same scope is asked for once', async () => {
  const ids = Array.from({ length: 500 }, (_, index) => `sb-${index.toString(16).padStart(8, '0')}`);
  const scopes: object[] = [];
  const facts = healthyFacts({
    sandboxes: async () =>
      ids.map((id, index) =>
        sandbox({
          id,
          event: {
            sandbox_id: id,
            allowed_repos: [`my-user/r${index % (FEW + 3)}`],
            permissions: { contents: 'read' },
          },
        }),
      ),
    aliases: async () => new Map(ids.map((id) => [names.keyAlias(id), 'k'])),
    keyState: async () => Promise.reject(new Error('a request a sandbox')),
    scopeProblems: async (scope) => {
      scopes.push(scope);
      return [];
    },
  });
  expect(await sandboxKeys.run(facts)).toMatchObject([{ status: 'ok' }]);
  const repos = await sandboxRepos.run(facts);
  expect(scopes).toHaveLength(FEW);
  expect(repos).toMatchObject([
    { status: 'ok' },
    { status: 'skip', remedy: expect.stringMatching(/^km doctor sb-/) },
  ]);
});

test('a sandbox that came while the doctor looked is left for the next time', async () => {
  const facts = healthyFacts({ ...one({ createdAt: NOW + 1 }), ...parameters(), ...schedules() });
  expect(await sandboxTokens.run(facts)).toMatchObject([{ status: 'ok' }]);
  expect(await sandboxSchedules.run(facts)).toMatchObject([{ status: 'ok' }]);
});
