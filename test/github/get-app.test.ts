import { describe, expect, test } from 'vitest';
import { getApp } from '../../lib/github/get-app.ts';
import { later } from './frozen-world.ts';
import { refusal } from './refusal.ts';
import { appBody, scene } from './test-app.ts';

const answered = async (body: unknown, status = 200) => {
  const { app, finish } = scene([{ request: 'GET /app', status, body }]);
  const details = getApp(app, { deadline: later() });
  await details.catch(() => undefined);
  finish();
  return details;
};

describe('the App, as GitHub knows it', () => {
  test('has its names, its owner and what it asks for', async () => {
    expect(await answered(appBody())).toEqual({
      id: 42,
      slug: 'km-sandboxes',
      name: 'km sandboxes',
      clientId: 'Iv23liTestApp0000000',
      owner: 'my-org',
      ownerType: 'Organization',
      permissions: { contents: 'write', metadata: 'read' },
      htmlUrl: 'https://github.com/apps/km-sandboxes',
    });
  });

  test.each([
    ['an enterprise owns it', { owner: { id: 9, slug: 'my-enterprise' } }, { owner: 'my-enterprise' }],
    ['GitHub does not name its owner', { owner: null }, { owner: '' }],
    ['its name would move the cursor', { name: 'a\u001b[2Jb' }, { name: 'a [2Jb' }],
  ])('is read where %s', async (_, more, expected) => {
    expect(await answered(appBody(more))).toMatchObject(expected);
  });

  test.each([
    ['no JSON', undefined],
    ['a list', []],
    ['no id', appBody({ id: 'x' })],
    ['a slug that climbs', appBody({ slug: '../x' })],
    ['a page of another kind', appBody({ html_url: 'javascript:alert(1)' })],
  ])('is refused with %s', async (_, body) => {
    expect((await refusal(answered(body))).code).toBe('ErrGitHubUnexpectedAnswer');
  });

  test('is no App where GitHub answers anything but 200', async () => {
    const error = await refusal(answered({ message: 'Not Found' }, 404));
    expect([error.code, error.message]).toEqual([
      'ErrGitHubUnexpectedAnswer',
      'GitHub answered what km cannot use: Not Found for GET /app',
    ]);
  });
});
