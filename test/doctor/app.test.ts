import type { InspectAnswer } from '../../lib/broker/inspection.ts';
import { appParameters } from '../../lib/doctor/checks/app-config.ts';
import { appKey, appKeyAge } from '../../lib/doctor/checks/app-key.ts';
import { appPermissions } from '../../lib/doctor/checks/app-permissions.ts';
import { appJwt, clockSkew, rateLimit } from '../../lib/doctor/checks/github.ts';
import { legacy } from '../../lib/doctor/checks/legacy.ts';
import { probe } from '../../lib/doctor/checks/probe.ts';
import type { Facts } from '../../lib/doctor/facts.ts';
import { inspected, installation, names, parameter, sandbox } from './healthy-facts.ts';
import { checkTable } from './run-table.ts';

const inspection = (changes: Partial<InspectAnswer>): Partial<Facts> => ({
  inspection: async () => inspected(changes),
});
const stored = (...parameters: ReturnType<typeof parameter>[]): Partial<Facts> => ({
  configParameters: async () => parameters,
});
const SET_UP = 'km github && km configure github --discover --force';
const clientId = parameter(names.appClientId);
const privateKey = parameter(names.privateKey, 'SecureString');

checkTable(appParameters, [
  [
    'nothing is stored',
    stored(),
    ['fail', /^GitHub App not configured \(missing: .*client-id, .*private-key\)$/, SET_UP],
  ],
  [
    'no client id',
    stored(privateKey),
    ['fail', /^GitHub App not configured \(missing: \S*client-id\)$/, SET_UP],
  ],
  ['no key', stored(clientId), ['fail', /^GitHub App not configured \(missing: \S*private-key\)$/, SET_UP]],
  ['a key in KMS instead', stored(clientId, parameter(names.signingKey)), ['ok', /signing key/]],
  [
    'a key in plain text',
    stored(clientId, parameter(names.privateKey)),
    [
      'fail',
      /plain text/,
      /^aws ssm delete-parameter --name \/km\/config\/github\/private-key && km configure github /,
    ],
  ],
  [
    'an unfinished rotation',
    stored(clientId, privateKey, parameter(names.privateKeyCandidate, 'SecureString')),
    ['warn', /rotation/, /--rotate-key/],
  ],
  [
    'a parameter that is empty',
    inspection({ configured: false, missing: [names.privateKey] }),
    ['fail', /GitHub App not configured/, SET_UP],
  ],
]);

const badKey = { code: 'ErrGitHubBadKey', message: 'The stored private key is of 1024 bits' } as const;

checkTable(appKey, [
  [
    'a key that cannot sign',
    inspection({ key: { ok: false, problem: badKey } }),
    ['fail', /1024 bits/, 'km configure github --private-key-file NEW.pem --force'],
  ],
  [
    'a KMS key that cannot sign',
    inspection({ signer: 'kms', key: { ok: false, problem: badKey } }),
    ['fail', /1024/, /--signer parameter/],
  ],
]);

checkTable(appKeyAge, [
  [
    'an old key',
    inspection({ key: { ok: true, stored_at: '2025-06-01T00:00:00Z' } }),
    ['warn', /stored \d+d/, /--rotate-key/],
  ],
  ['a key of unknown age', inspection({ key: { ok: true } }), ['skip', /not looked at/]],
]);

checkTable(clockSkew, [
  [
    'a clock 2 minutes ahead',
    inspection({ clock_skew_ms: 120_000 }),
    ['fail', /github\.com is 2m ahead/, /NTP/],
  ],
  ['a clock 2 minutes behind', inspection({ clock_skew_ms: -120_000 }), ['fail', /2m behind/, /NTP/]],
  ['a clock 45 seconds ahead', inspection({ clock_skew_ms: 45_000 }), ['warn', /45s ahead/, /NTP/]],
  ['a clock 5 seconds behind', inspection({ clock_skew_ms: -5_000 }), ['ok', /5s behind/]],
]);

const otherApp = {
  code: 'ErrGitHubKeyOfAnotherApp',
  message: 'GitHub does not accept the private key',
} as const;
const unreached = {
  code: 'ErrGitHubUnavailable',
  message: 'GitHub is not available: 503',
  remedy: 'Try again later',
} as const;
const { jwt: _, ...withoutJwt } = inspected();

checkTable(appJwt, [
  [
    'a key of another App',
    inspection({ jwt: { ok: false, problem: otherApp } }),
    ['fail', /does not accept/, 'km configure github --private-key-file NEW.pem --force'],
  ],
  [
    'GitHub is not there',
    { inspection: async () => ({ ...withoutJwt, problems: [unreached] }) },
    ['fail', /503/, 'Try again later'],
  ],
  [
    'a refresher without the time to ask',
    {
      inspection: async () => ({ ...withoutJwt, problems: [unreached] }),
      refresher: async () => ({ $metadata: {}, Timeout: 3 }),
    },
    ['skip', /too little time/],
  ],
  ['no JWT could be signed', { inspection: async () => withoutJwt }, ['skip', /no JWT/]],
]);

checkTable(rateLimit, [
  [
    'none left',
    inspection({
      rate_limit: [{ account: 'my-user', limit: 5000, remaining: 0, reset: '2026-11-20T10:30:00Z' }],
    }),
    ['fail', /my-user: 0 of 5000.*in 30m/, /30m$/],
  ],
  [
    'little left',
    inspection({
      rate_limit: [{ account: 'my-user', limit: 5000, remaining: 300, reset: '2026-11-20T10:30:00Z' }],
    }),
    ['warn', /300 of 5000/, /30m$/],
  ],
]);

const issues = sandbox({
  event: { sandbox_id: 'sb-1234abcd', allowed_repos: ['my-user/a'], permissions: { issues: 'write' } },
});
const withIssues = {
  ...inspected().app,
  permissions: { contents: 'write', metadata: 'read', issues: 'write' },
} as InspectAnswer['app'] & object;
const accepted = installation('my-org', 12, { permissions: withIssues.permissions });

checkTable(appPermissions, [
  [
    'the App does not ask for what a sandbox needs',
    { sandboxes: async () => [issues] },
    [
      'fail',
      /does not ask for issues: write/,
      /^https:\/\/github\.com\/organizations\/my-org\/settings\/apps\/my-km\/permissions /,
    ],
  ],
  [
    'an account whose sandboxes need it has not accepted a change',
    {
      sandboxes: async () => [issues],
      ...inspection({ app: withIssues, installations: [accepted, installation('my-user', 11)] }),
    },
    [
      'fail',
      /^my-user has not accepted issues: write, which its sandboxes need$/,
      /^https:\/\/github\.com\/settings\/installations\/11 /,
    ],
  ],
  [
    'an account has not accepted a change that nothing needs yet',
    inspection({ app: withIssues, installations: [accepted, installation('my-user', 11)] }),
    [
      'warn',
      /^my-user has not accepted issues: write$/,
      /^https:\/\/github\.com\/settings\/installations\/11 /,
    ],
  ],
]);

checkTable(legacy, [
  [
    'the legacy parameter',
    stored(clientId, privateKey, parameter(names.legacyInstallationId)),
    ['warn', /installation-id/, /--discover --force && aws ssm delete-parameter/],
  ],
  [
    'GITHUB_TOKEN in the shell',
    {},
    ['warn', /^GITHUB_TOKEN in this shell holds a token/, 'unset GITHUB_TOKEN'],
    { env: { GITHUB_TOKEN: 'ghs_x' } },
  ],
  [
    'a personal token in it',
    {},
    ['warn', /^GH_TOKEN .* personal access token/, 'unset GH_TOKEN'],
    { env: { GH_TOKEN: 'github_pat_x' } },
  ],
  [
    'a personal token by any name',
    {},
    ['warn', /^MY_THING .* personal access token/, 'unset MY_THING'],
    { env: { MY_THING: 'ghp_x' } },
  ],
  ['what no shell can unset', {}, ['ok', /^none$/], { env: { 'a;b': 'ghp_x' } }],
  ['an empty variable', {}, ['ok', /^none$/], { env: { GITHUB_TOKEN: '' } }],
]);

const step = (name: 'mint' | 'write-refused', ok: boolean) => ({
  name,
  ok,
  detail: ok ? 'done' : 'the write was not refused',
});

checkTable(probe, [
  [
    'a write that went through',
    {
      probe: async (repo) => ({ ok: false, repo, steps: [step('mint', true), step('write-refused', false)] }),
    },
    [
      'fail',
      /^my-user\/my-repo: write-refused: the write was not refused$/,
      'km doctor --probe --repo my-user/my-repo',
    ],
  ],
  [
    'no repo to try',
    { sandboxes: async () => [] },
    ['skip', /no sandbox names a repo/, 'km doctor --probe --repo OWNER/NAME'],
    { probe: '' },
  ],
]);
