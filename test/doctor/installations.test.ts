import { expect, test } from 'vitest';
import type { InspectAnswer } from '../../lib/broker/inspection.ts';
import { appKey } from '../../lib/doctor/checks/app-key.ts';
import { appPermissions } from '../../lib/doctor/checks/app-permissions.ts';
import { rateLimit } from '../../lib/doctor/checks/github.ts';
import { installations } from '../../lib/doctor/checks/installations.ts';
import { probe } from '../../lib/doctor/checks/probe.ts';
import { sandboxRepos } from '../../lib/doctor/checks/sandbox-repos.ts';
import type { Facts } from '../../lib/doctor/facts.ts';
import { healthyFacts, inspected, installation, sandbox } from './healthy-facts.ts';
import { checkTable } from './run-table.ts';

const inspection = (changes: Partial<InspectAnswer>): Partial<Facts> => ({
  inspection: async () => inspected(changes),
});
const org = installation('my-org', 12);
const user = installation('my-user', 11);
const DISCOVER = 'km configure github --discover --force';

checkTable(installations, [
  [
    'a suspended one',
    inspection({ installations: [org, { ...user, suspended: true }] }),
    ['fail', /^my-user is suspended/, /^https:\/\/github\.com\/settings\/installations\/11 /],
  ],
  [
    'one installed anew',
    inspection({ installations: [org, { ...user, id: 99 }] }),
    ['warn', /my-user is 99 on GitHub and 11 as stored/, DISCOVER],
  ],
  [
    'one that is not stored',
    inspection({ stored_installations: [{ owner: 'my-org', id: 12 }] }),
    ['warn', /^my-user \(11\) is installed, but not stored$/, 'km configure github --discover'],
  ],
  [
    'an entry whose installation is gone',
    inspection({ installations: [org] }),
    [
      'fail',
      /^my-user is stored \(11\), but the App is not installed there/,
      'km configure github --discover --prune',
    ],
  ],
  [
    'an account renamed since',
    inspection({ installations: [org, installation('new-name', 11)] }),
    ['fail', /^my-user is new-name on GitHub now$/, 'km configure github --discover --prune'],
  ],
  [
    'an owner in use without one',
    {
      sandboxes: async () => [
        sandbox({
          event: { sandbox_id: 'sb-1234abcd', allowed_repos: ['other/x'], permissions: { contents: 'read' } },
        }),
      ],
    },
    ['fail', /^not installed on other/, /^https:\/\/github\.com\/apps\/my-km\/installations\/new /],
  ],
  [
    'none at all',
    { ...inspection({ installations: [], stored_installations: [] }), sandboxes: async () => [] },
    ['fail', /installed nowhere/, /installations\/new/],
  ],
]);

test('the accounts are counted and named in order, with what each lets the App reach', async () => {
  const facts = healthyFacts(inspection({ installations: [user, { ...org, repository_selection: 'all' }] }));
  expect((await installations.run(facts))[0]?.finding).toBe(
    '2 installation(s) found (my-org, my-user); my-org: all repos, my-user: selected repos',
  );
});

const otherApp = { code: 'ErrGitHubKeyOfAnotherApp', message: 'not accepted' } as const;

test.each([installations, appPermissions, rateLimit, sandboxRepos, probe])(
  '$id is not looked at while GitHub does not know the App',
  async (check) => {
    const facts = healthyFacts(inspection({ jwt: { ok: false, problem: otherApp } }));
    await expect(check.run(facts)).rejects.toThrow('GitHub was not asked as the App');
  },
);

test.each([appKey, installations, sandboxRepos])(
  '$id is not looked at without a configured App',
  async (check) => {
    await expect(check.run(healthyFacts(inspection({ configured: false })))).rejects.toThrow(
      'the GitHub App is not configured',
    );
  },
);
