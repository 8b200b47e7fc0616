import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type Installation, readInstallation } from '../../lib/github/installation.ts';
import { type MintTokenOptions, mintToken } from '../../lib/github/mint-token.ts';
import { later, NOW } from './frozen-world.ts';
import { refusal } from './refusal.ts';
import type { Exchange } from './scripted-fetch.ts';
import { installationBody, scene, TOKEN, tokenBody } from './test-app.ts';

const installationOf = (more: Readonly<Record<string, unknown>> = {}): Installation => {
  const installation = readInstallation(installationBody(7, 'my-org', more));
  if (!installation) throw new Error('no installation');
  return installation;
};

const POST = 'POST /app/installations/7/access_tokens';
const REVOKE: Exchange = {
  request: 'DELETE /installation/token',
  status: 204,
  check: ({ headers }) => expect(headers.get('authorization')).toBe(`Bearer ${TOKEN}`),
};

const wanted: MintTokenOptions = {
  installation: installationOf(),
  repositories: ['one', 'two'],
  permissions: { contents: 'read', metadata: 'read' },
  deadline: later(),
};
const minted = tokenBody('my-org', ['one', 'two']);
const settings = 'https://github.com/organizations/my-org/settings/installations/7';

describe('a minted token', () => {
  test('has exactly the repositories and permissions that were asked for', async () => {
    const { app, sent, finish } = scene([
      { request: POST, status: 201, body: minted, headers: { date: new Date(NOW + 2000).toUTCString() } },
    ]);
    const token = await mintToken(app, wanted);
    finish();
    expect(sent[0]?.body).toEqual({
      repositories: ['one', 'two'],
      permissions: { contents: 'read', metadata: 'read' },
    });
    expect(token).toEqual({
      token: expect.anything(),
      mintedAt: NOW + 2000,
      expiresAt: Date.parse('2026-11-20T11:00:00Z'),
      repositories: ['one', 'two'],
      permissions: { contents: 'read', metadata: 'read' },
    });
    expect(token.token.reveal()).toBe(TOKEN);
    expect(inspect(token, { depth: 10 }) + JSON.stringify(token)).not.toContain(TOKEN);
  });

  test("for 'all' names no repositories", async () => {
    const { app, sent, finish } = scene([{ request: POST, status: 201, body: tokenBody('my-org', 'all') }]);
    expect((await mintToken(app, { ...wanted, repositories: 'all' })).repositories).toBe('all');
    finish();
    expect(sent[0]?.body).toEqual({ permissions: { contents: 'read', metadata: 'read' } });
  });

  test.each([
    ['the short form', `ghs_${'a'.repeat(36)}`],
    ['the stateless form', `ghs_12345_eyJhbGciOiJSUzI1NiJ9.${'x'.repeat(300)}.${'y_-'.repeat(60)}`],
  ])('may have %s', async (_name, token) => {
    const { app, finish } = scene([{ request: POST, status: 201, body: { ...minted, token } }]);
    expect((await mintToken(app, wanted)).token.reveal()).toBe(token);
    finish();
  });

  test('may come back in other letter case', async () => {
    const { app, finish } = scene([
      { request: POST, status: 201, body: tokenBody('My-Org', ['One', 'TWO']) },
    ]);
    expect((await mintToken(app, wanted)).repositories).toEqual(['one', 'two']);
    finish();
  });
});

describe('an answer that is wider than what was asked for is refused and its token revoked:', () => {
  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    [
      'a further permission',
      { ...minted, permissions: { contents: 'read', metadata: 'read', administration: 'write' } },
      "a token for 'my-org' with administration: write, which was not asked for",
    ],
    [
      'a higher level',
      { ...minted, permissions: { contents: 'write', metadata: 'read' } },
      "a token for 'my-org' with contents: write, which was not asked for",
    ],
    [
      'an unknown level',
      { ...minted, permissions: { contents: 'owner' } },
      "a token for 'my-org' with contents: owner, which was not asked for",
    ],
    [
      'a permission too few',
      { ...minted, permissions: { metadata: 'read' } },
      "a token for 'my-org' without contents: read",
    ],
    ['no permissions', { ...minted, permissions: undefined }, 'a token without permissions'],
    [
      'a further repository',
      tokenBody('my-org', ['one', 'two', 'three']),
      "a token for 'my-org' that reaches 'my-org/three', which was not asked for",
    ],
    [
      "another owner's repository",
      tokenBody('mallory', ['one', 'two']),
      "a token for 'my-org' that reaches 'mallory/one', which was not asked for",
    ],
    [
      'a repository with lines in its name',
      tokenBody('my-org', ['one', 'x\n\u001b[2J']),
      "a token for 'my-org' that reaches 'my-org/x?2j', which was not asked for",
    ],
    ['a repository too few', tokenBody('my-org', ['one']), "a token for 'my-org' that misses a repository"],
    ['no repositories', tokenBody('my-org', 'all'), "a token for 'my-org' without its repositories"],
    [
      'no expiry',
      { ...minted, expires_at: undefined },
      "a token for 'my-org' without a time of expiry ahead",
    ],
    [
      'an expiry in the past',
      { ...minted, expires_at: '2026-11-20T09:59:59Z' },
      "a token for 'my-org' without a time of expiry ahead",
    ],
  ])('%s', async (_name, body, what) => {
    const { app, finish } = scene([{ request: POST, status: 201, body }, REVOKE]);
    const error = await refusal(mintToken(app, wanted));
    finish();
    expect([error.code, error.message]).toEqual([
      'ErrGitHubUnexpectedAnswer',
      `GitHub answered what km cannot use: ${what}`,
    ]);
    expect(inspect(error, { depth: 10 })).not.toContain(TOKEN);
  });

  test.each([
    ['a newline in it', `${TOKEN}\nGIT_ASKPASS=evil`],
    ['a carriage return in it', `${TOKEN}\r`],
    ['a quote in it', `${TOKEN}'; rm -rf /`],
    ['too many characters', 'a'.repeat(9000)],
    ['another type', 42],
  ])('a token with %s, which is not even sent to be revoked', async (_name, token) => {
    const { app, finish } = scene([{ request: POST, status: 201, body: { ...minted, token } }]);
    const error = await refusal(mintToken(app, wanted));
    finish();
    expect(error.message).toBe("GitHub answered what km cannot use: no usable token for 'my-org'");
    expect(inspect(error, { depth: 10 })).not.toContain(TOKEN);
  });
});

describe('a mint that GitHub refuses', () => {
  const NOT_ACCESSIBLE =
    'There is at least one repository that does not exist or is not accessible to the parent installation.';
  const NOT_GRANTED = 'The permissions requested are not granted to this installation.';
  const repo = (name: string, more: Partial<Exchange> = {}): Exchange => ({
    request: `GET /repos/my-org/${name}/installation`,
    body: installationBody(7, 'my-org'),
    ...more,
  });
  const refused: readonly [string, Partial<MintTokenOptions>, readonly Exchange[], string, string, string][] =
    [
      [
        'names the repository that the installation does not reach',
        {},
        [
          { request: POST, status: 422, body: { message: NOT_ACCESSIBLE } },
          repo('one'),
          repo('two', { status: 404 }),
        ],
        'ErrGitHubRepoNotInInstallation',
        "The GitHub App's installation on 'my-org' does not reach 'my-org/two'",
        `Add it to the installation (${settings}), or correct allowedRepos.`,
      ],
      [
        'names a repository that moved away, and one of another installation',
        {},
        [
          { request: POST, status: 422, body: { message: NOT_ACCESSIBLE } },
          repo('one', { status: 301 }),
          repo('two', { body: installationBody(8, 'mallory') }),
        ],
        'ErrGitHubRepoNotInInstallation',
        "The GitHub App's installation on 'my-org' does not reach 'my-org/one', 'my-org/two'",
        `Add them to the installation (${settings}), or correct allowedRepos.`,
      ],
      [
        'names the permission that is not granted',
        {
          permissions: { contents: 'write', issues: 'write', metadata: 'read' },
          installation: installationOf({ permissions: { contents: 'read', metadata: 'read' } }),
        },
        [{ request: POST, status: 422, body: { message: NOT_GRANTED } }],
        'ErrGitHubPermissionNotGranted',
        "The GitHub App's installation on 'my-org' is not granted contents: write, issues: write",
        `Give the App contents: write, issues: write in its settings and have my-org accept it (${settings}), or ask for less in the profile.`,
      ],
      [
        "passes GitHub's reason on when nothing explains it",
        { repositories: 'all' },
        [{ request: POST, status: 422, body: { message: 'Something else' } }],
        'ErrGitHubUnexpectedAnswer',
        "GitHub answered what km cannot use: it refused a token for 'my-org': Something else",
        'Check the host in km configure github, and any proxy in front of it.',
      ],
      [
        'tells of a suspended installation',
        {},
        [{ request: POST, status: 403, body: { message: 'This installation has been suspended' } }],
        'ErrGitHubInstallationSuspended',
        "The GitHub App's installation on 'my-org' is suspended",
        `Unsuspend it in the installation's settings: ${settings}.`,
      ],
      [
        'tells of an installation that is gone',
        {},
        [{ request: POST, status: 404, body: { message: 'Not Found' } }],
        'ErrGitHubInstallationMissing',
        "The GitHub App is not installed on 'my-org'",
        'Install the App on my-org and give it the repositories of the profile, or correct the owner in allowedRepos.',
      ],
    ];
  test.each(refused)('%s', async (_name, options, script, code, message, remedy) => {
    const { app, finish } = scene(script);
    const error = await refusal(mintToken(app, { ...wanted, ...options }));
    finish();
    expect([error.code, error.message, error.remedy]).toEqual([code, message, remedy]);
  });

  test('asks about a hundred repositories at most', async () => {
    const names = Array.from({ length: 150 }, (_, index) => `r${index}`);
    const { app, sent, finish } = scene([
      { request: POST, status: 422, body: { message: NOT_ACCESSIBLE } },
      ...names.slice(0, 100).map((name) => repo(name, { status: 404 })),
    ]);
    const error = await refusal(mintToken(app, { ...wanted, repositories: names }));
    finish();
    expect(sent).toHaveLength(101);
    expect(error.message).toMatch(/'my-org\/r9' and 90 more$/);
  });
});

describe('nothing is sent for', () => {
  test.each<[string, Partial<MintTokenOptions>, string, string]>([
    [
      '501 repositories',
      { repositories: Array.from({ length: 501 }, (_, i) => `r${i}`) },
      'ErrGitHubTooManyRepos',
      "501 repositories of 'my-org' are named, and a token takes 500 at most",
    ],
    [
      'no repositories, which GitHub reads as all',
      { repositories: [] },
      'ErrGitHubUnexpectedAnswer',
      'GitHub answered what km cannot use: no repository to mint for',
    ],
    [
      'no permissions, which GitHub reads as all',
      { permissions: {} },
      'ErrGitHubUnexpectedAnswer',
      'GitHub answered what km cannot use: no permission to mint for',
    ],
    [
      'a suspended installation',
      { installation: installationOf({ suspended_at: '2026-11-01T00:00:00Z' }) },
      'ErrGitHubInstallationSuspended',
      "The GitHub App's installation on 'my-org' is suspended",
    ],
  ])('%s', async (_name, options, code, message) => {
    const { app, sent } = scene([]);
    const error = await refusal(mintToken(app, { ...wanted, ...options }));
    expect([error.code, error.message]).toEqual([code, message]);
    expect(sent).toEqual([]);
  });

  test('but 500 repositories are taken', async () => {
    const repositories = Array.from({ length: 500 }, (_, i) => `r${i}`);
    const { app, finish } = scene([{ request: POST, status: 201, body: tokenBody('my-org', repositories) }]);
    expect((await mintToken(app, { ...wanted, repositories })).repositories).toHaveLength(500);
    finish();
  });
});
