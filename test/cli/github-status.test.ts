import { expect, test } from 'vitest';
import type { InspectAnswer } from '../../lib/broker/inspection.ts';
import { describe } from '../../lib/cli/github-status.ts';

const NOW = Date.UTC(2026, 10, 20, 10);
const permissions = { metadata: 'read', contents: 'write' };
const installation = {
  id: 5,
  account: 'my-org',
  type: 'Organization',
  repository_selection: 'selected',
  permissions,
  suspended: false,
} as const;
const answer: InspectAnswer = {
  configured: true,
  missing: [],
  host: 'github.com',
  signer: 'parameter',
  client_id: 'Iv23li',
  key: {
    ok: true,
    type: 'rsa',
    bits: 2048,
    fingerprint: 'SHA256:abc=',
    stored_at: '2026-11-18T10:00:00.000Z',
  },
  app: {
    id: 1,
    slug: 'km',
    name: 'km',
    owner: 'my-org',
    owner_type: 'Organization',
    permissions,
    html_url: 'https://github.com/apps/km',
  },
  installations: [installation],
  stored_installations: [{ owner: 'my-org', id: 5 }],
  problems: [],
};

test('an App in order, line by line', () => {
  expect(describe(answer, NOW)).toEqual([
    'App           km (https://github.com/apps/km)',
    'Owner         my-org (organization)',
    'Client id     Iv23li',
    'Host          github.com',
    'Permissions   contents:write metadata:read',
    'Signer        private key in Parameter Store',
    'Key           RSA 2048, SHA256:abc=, stored 2026-11-18 10:00 UTC (2d ago)',
    '',
    'Installations',
    '  ACCOUNT  ID  REPOS           STATE',
    '  my-org   5   selected repos  ok',
  ]);
});

test.each([
  ['suspended', { installations: [{ ...installation, suspended: true }] }, 'suspended: see its settings'],
  [
    'short of a permission',
    { installations: [{ ...installation, permissions: { metadata: 'read' } }] },
    'has not accepted contents:write',
  ],
  ['not stored', { stored_installations: [] }, 'not stored: km configure github --discover'],
  [
    'stored under another id',
    { stored_installations: [{ owner: 'my-org', id: 4 }] },
    'stored as 4: km configure github --discover --force',
  ],
])('an installation that is %s says so', (_what, change, state) => {
  expect(describe({ ...answer, ...change }, NOW).at(-1)).toContain(`selected repos  ${state}`);
});

test.each([
  ['signs in KMS', { signer: 'kms', key: { ok: true, kms_key_id: 'arn:k' } }, 'Signer        KMS key arn:k'],
  ['has a key that cannot sign', { key: { ok: false, type: 'ec' } }, 'Key           EC, cannot sign'],
  [
    'is installed nowhere',
    { installations: [] },
    'Installations none: install it at https://github.com/apps/km',
  ],
] as const)('an App that %s says so', (_what, change, line) => {
  expect(describe({ ...answer, ...change }, NOW)).toContain(line);
});

test('what GitHub does not tell is left out', () => {
  const { app: _app, key: _key, installations: _installations, client_id: _clientId, ...rest } = answer;
  expect(describe({ ...rest, configured: false }, NOW)).toEqual([
    'App           not configured',
    'Host          github.com',
    'Signer        private key in Parameter Store',
  ]);
});
