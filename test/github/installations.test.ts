import { describe, expect, test } from 'vitest';
import { findInstallation } from '../../lib/github/find-installation.ts';
import { getInstallation } from '../../lib/github/get-installation.ts';
import { listInstallations } from '../../lib/github/list-installations.ts';
import { later } from './frozen-world.ts';
import { refusal } from './refusal.ts';
import type { Exchange } from './scripted-fetch.ts';
import { installationBody, scene } from './test-app.ts';

const deadline = later();
const notFound = { status: 404, body: { message: 'Not Found' } };

describe("an owner's installation", () => {
  test('is found on a user', async () => {
    const { app, finish } = scene([
      { request: 'GET /users/my-user/installation', body: installationBody(7, 'My-User') },
    ]);
    expect(await findInstallation(app, { owner: 'my-user', deadline })).toEqual({
      id: 7,
      account: 'My-User',
      accountType: 'Organization',
      repositorySelection: 'selected',
      suspended: false,
      permissions: { contents: 'write', metadata: 'read' },
      settingsUrl: 'https://github.com/organizations/My-User/settings/installations/7',
    });
    finish();
  });

  test('is found on an organization', async () => {
    const { app, finish } = scene([
      { request: 'GET /users/my-org/installation', ...notFound },
      {
        request: 'GET /orgs/my-org/installation',
        body: installationBody(8, 'my-org', { suspended_at: '2026-11-01T00:00:00Z' }),
      },
    ]);
    expect(await findInstallation(app, { owner: 'my-org', deadline })).toMatchObject({
      id: 8,
      suspended: true,
    });
    finish();
  });

  const refused: readonly [string, readonly Exchange[], string, string][] = [
    [
      'there is none',
      [
        { request: 'GET /users/acme/installation', ...notFound },
        { request: 'GET /orgs/acme/installation', ...notFound },
      ],
      'ErrGitHubInstallationMissing',
      "The GitHub App is not installed on 'acme'",
    ],
    [
      "GitHub answers with another account's",
      [{ request: 'GET /users/acme/installation', body: installationBody(9, 'mallory') }],
      'ErrGitHubInstallationMismatch',
      "Installation 9 belongs to 'mallory', not to 'acme'",
    ],
    [
      'GitHub answers with an account whose name only starts like it',
      [{ request: 'GET /users/acme/installation', body: installationBody(9, 'acme-evil') }],
      'ErrGitHubInstallationMismatch',
      "Installation 9 belongs to 'acme-evil', not to 'acme'",
    ],
    [
      'the answer names no account',
      [{ request: 'GET /users/acme/installation', body: { id: 9 } }],
      'ErrGitHubUnexpectedAnswer',
      'GitHub answered what km cannot use: an installation without an account for GET /users/acme/installation',
    ],
    [
      'the answer is a redirect',
      [{ request: 'GET /users/acme/installation', status: 301, headers: { location: 'https://evil.test' } }],
      'ErrGitHubUnexpectedAnswer',
      'GitHub answered what km cannot use: status 301 for GET /users/acme/installation',
    ],
  ];
  test.each(refused)('is refused when %s', async (_name, script, code, message) => {
    const { app, finish } = scene(script);
    const error = await refusal(findInstallation(app, { owner: 'acme', deadline }));
    finish();
    expect([error.code, error.message]).toEqual([code, message]);
  });

  test('is asked for under the name as one path segment', async () => {
    const script = ['users', 'orgs'].map((place) => ({
      request: `GET /${place}/..%2Fapp/installation`,
      ...notFound,
    }));
    const { app, finish } = scene(script);
    await refusal(findInstallation(app, { owner: '../app', deadline }));
    finish();
  });
});

describe('an installation by id', () => {
  test('is undefined when it is gone', async () => {
    const { app, finish } = scene([{ request: 'GET /app/installations/7', ...notFound }]);
    expect(await getInstallation(app, { id: 7, deadline })).toBeUndefined();
    finish();
  });

  test('is refused when GitHub answers with another one', async () => {
    const { app, finish } = scene([
      { request: 'GET /app/installations/7', body: installationBody(8, 'acme') },
    ]);
    const error = await refusal(getInstallation(app, { id: 7, deadline }));
    finish();
    expect(error.message).toBe(
      'GitHub answered what km cannot use: installation 8 for GET /app/installations/7',
    );
  });
});

describe('all installations', () => {
  const page = (number: number) => `GET /app/installations?per_page=100&page=${number}`;
  const next = { link: '<https://evil.test/steal?page=2>; rel="next", <https://evil.test/>; rel="last"' };

  test('are read page by page, from the same host whatever the links say', async () => {
    const { app, sent, finish } = scene([
      { request: page(1), body: [installationBody(1, 'a')], headers: next },
      {
        request: page(2),
        body: [installationBody(2, 'b'), { id: 3, account: { slug: 'an-enterprise' } }],
        headers: next,
      },
      {
        request: page(3),
        body: [installationBody(4, 'c')],
        headers: { link: '<https://x.test/>; rel="prev"' },
      },
    ]);
    const found = await listInstallations(app, { deadline });
    finish();
    expect(found.map(({ id, account }) => [id, account])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [4, 'c'],
    ]);
    expect(sent.filter(({ url }) => !url.startsWith('https://api.github.test/'))).toEqual([]);
  });

  test('end after a hundred pages', async () => {
    const endless = Array.from({ length: 100 }, (_, index) => ({
      request: page(index + 1),
      body: [],
      headers: next,
    }));
    const { app, finish } = scene(endless);
    const error = await refusal(listInstallations(app, { deadline }));
    finish();
    expect(error.message).toBe('GitHub answered what km cannot use: more than 10000 installations');
  });

  test.each<[string, unknown]>([
    ['no list', { message: 'x' }],
    ['an installation without an id', [{ account: { login: 'a' } }]],
    ['a login that is more than a name', [installationBody(1, 'a\nb')]],
    ['an id that is no number', [{ id: '7/../8', account: { login: 'a' } }]],
  ])('are refused with %s', async (_name, body) => {
    const { app, finish } = scene([{ request: page(1), body }]);
    expect((await refusal(listInstallations(app, { deadline }))).code).toBe('ErrGitHubUnexpectedAnswer');
    finish();
  });
});
