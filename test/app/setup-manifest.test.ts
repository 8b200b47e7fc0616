import { expect, test } from 'vitest';
import { buildManifest, installUrl, newAppUrl } from '../../lib/app/setup-manifest.ts';
import { appPermissions, PERMISSION_PURPOSES } from '../../lib/app/setup-permissions.ts';
import { PERMISSION_LEVELS } from '../../lib/github/permissions.ts';
import { tokenPermissions, VERBS } from '../../lib/profile/token-permissions.ts';

const options = {
  name: 'km-test',
  webUrl: 'https://github.com',
  redirectUrl: 'http://127.0.0.1:5000/callback',
  permissions: appPermissions({}),
};

test('the App is public, asks for contents and metadata, and has no webhook', () => {
  expect(buildManifest(options)).toEqual({
    name: 'km-test',
    url: 'https://github.com',
    description: expect.stringContaining('short-lived'),
    public: true,
    redirect_url: 'http://127.0.0.1:5000/callback',
    default_permissions: { contents: 'write', metadata: 'read' },
  });
});

test('a webhook and further permissions stand there only when asked for', () => {
  const manifest = buildManifest({
    ...options,
    org: 'my-org',
    permissions: appPermissions({ issues: 'write', contents: 'read', pull_requests: 'read' }),
    webhookUrl: 'https://hooks.example.com/km',
  });
  expect(manifest).toMatchObject({
    url: 'https://github.com/my-org',
    default_permissions: { contents: 'write', metadata: 'read', issues: 'write', pull_requests: 'read' },
    hook_attributes: { url: 'https://hooks.example.com/km', active: true },
  });
});

test.each([
  ['https://github.com', undefined, 'https://github.com/settings/apps/new?state=s'],
  ['https://github.com', 'my-org', 'https://github.com/organizations/my-org/settings/apps/new?state=s'],
  ['https://ghes.example.com', 'o', 'https://ghes.example.com/organizations/o/settings/apps/new?state=s'],
])('at %s for the organization %j the manifest is posted to %s', (webUrl, org, expected) => {
  expect(newAppUrl(webUrl, 's', org)).toBe(expected);
});

test.each([
  ['https://github.com', 'https://github.com/apps/x', 'https://github.com/apps/x/installations/new'],
  [
    'https://g.example.com',
    'https://g.example.com/github-apps/x/',
    'https://g.example.com/github-apps/x/installations/new',
  ],
  ['https://github.com', 'https://evil.example/apps/x', 'https://github.com/apps/x/installations/new'],
  ['https://github.com', 'javascript:alert(1)', 'https://github.com/apps/x/installations/new'],
  ['https://github.com', 'not a url', 'https://github.com/apps/x/installations/new'],
])('pages at %s and an App at %s make the install page %s', (webUrl, htmlUrl, expected) => {
  expect(installUrl(webUrl, { htmlUrl, slug: 'x' })).toBe(expected);
});

test('every permission that km knows is explained once', () => {
  expect(PERMISSION_PURPOSES.map(({ permission }) => permission).sort()).toEqual(
    Object.keys(PERMISSION_LEVELS).sort(),
  );
});

test('a permission is explained by the verbs that need it, at the level that they need', () => {
  for (const { permission, verbs, level } of PERMISSION_PURPOSES) {
    if (permission === 'metadata') continue;
    expect(verbs).toEqual(VERBS.filter((verb) => tokenPermissions([verb])[permission] !== undefined));
    expect(tokenPermissions(VERBS)[permission]).toBe(level);
  }
});
