import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FakeAws, startFakeAws } from './fake-aws.ts';
import { ALLOWED, HOSTILE, promptFor } from './hostile-urls.ts';
import { makePlace, type Place, type Ran, run } from './scripts.ts';

const TOKENS = { 'my-user': `ghs_${'u'.repeat(36)}`, 'my-org': `ghs_123_${'o'.repeat(40)}.e-Y` };
let aws: FakeAws;
let place: Place;

const askpass = (...prompt: string[]): Promise<Ran> =>
  run(`${place.scripts}/km-git-askpass`, prompt, {
    env: { HOME: place.home, AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url}/credentials` },
  });

beforeAll(async () => {
  aws = await startFakeAws();
  const modified = aws.now / 1000 - 60;
  aws.parameters.set('/sandbox/sb-1234abcd/github-token', { value: TOKENS['my-user'], modified });
  aws.parameters.set('/sandbox/sb-1234abcd/github-tokens/my-org', { value: TOKENS['my-org'], modified });
  place = makePlace();
});
beforeEach(() => place.setPolicy({ ssm: aws.url }));
afterAll(async () => {
  place.remove();
  await aws.close();
});

describe('askpass answers for an allowed repo', () => {
  test.each(ALLOWED)('of $what with the token of $owner', async ({ owner, ...asked }) => {
    expect(await askpass(promptFor(asked))).toEqual({
      status: 0,
      stdout: `${TOKENS[owner as keyof typeof TOKENS]}\n`,
      stderr: '',
    });
  });

  test("with the App's user name when a user name is asked for, without a request to AWS", async () => {
    const before = aws.requests.length;
    expect(await askpass(promptFor({}, 'Username'))).toEqual({
      status: 0,
      stdout: 'x-access-token\n',
      stderr: '',
    });
    expect(aws.requests.length).toBe(before);
  });

  test('without a path when one owner alone is allowed', async () => {
    place.setPolicy({
      ssm: aws.url,
      tokens: ['my-user /sandbox/sb-1234abcd/github-token'],
      repos: ['my-user/*'],
    });
    expect(await askpass(promptFor({ path: '' }))).toMatchObject({
      status: 0,
      stdout: `${TOKENS['my-user']}\n`,
    });
  });

  test.each(['my-user/..', 'my-user/.', 'my-user/...git', 'my-user/.git', '-x/y', './y'])(
    'but not for %s, though every repo of the owner is allowed',
    async (path) => {
      place.setPolicy({ ssm: aws.url, repos: ['my-user/*', '*'] });
      expect(await askpass(promptFor({ path }))).toMatchObject({ status: 1, stdout: '' });
    },
  );

  test('of any owner when every repo is allowed', async () => {
    place.setPolicy({ ssm: aws.url, tokens: ['* /sandbox/sb-1234abcd/github-token'], repos: ['*'] });
    expect(await askpass(promptFor({ path: 'any/repo' }))).toMatchObject({
      status: 0,
      stdout: `${TOKENS['my-user']}\n`,
    });
  });

  test('over http of the local cloud on loopback', async () => {
    place.setPolicy({ ssm: aws.url, git: 'http://127.0.0.1:4321' });
    const asked = { protocol: 'http', host: '127.0.0.1:4321' };
    expect(await askpass(promptFor(asked))).toMatchObject({ status: 0, stdout: `${TOKENS['my-user']}\n` });
    expect(await askpass(promptFor({ ...asked, host: '127.0.0.1:4322' }))).toMatchObject({
      status: 1,
      stdout: '',
    });
  });
});

describe('askpass gives nothing, and one line on stderr, for', () => {
  test.each(HOSTILE)('$trick', async (asked) => {
    const before = aws.requests.length;
    const ran = await askpass(promptFor(asked));
    expect(ran).toMatchObject({ status: 1, stdout: '' });
    expect(ran.stderr).toMatch(/^\[km\] No credential: [\x20-\x7e]+\.\n$/);
    expect(aws.requests.length).toBe(before);
  });

  test.each([
    ['no prompt', []],
    ['an empty prompt', ['']],
    ["another program's prompt", ['Enter passphrase for key /home/u/.ssh/id_ed25519: ']],
    ['a translated prompt', ["Passwort für 'https://github.com/my-user/my-repo': "]],
    ['a prompt without its end', ["Password for 'https://github.com/my-user/my-repo"]],
    ['a prompt with more behind it', [`${promptFor({})}again`]],
    ['a prompt with more before it', [` ${promptFor({})}`]],
    ['a URL without a protocol', ["Password for 'github.com/my-user/my-repo': "]],
    ['an empty user name', ["Password for 'https://@github.com/my-user/my-repo': "]],
    ['a slash and no path', ["Password for 'https://github.com/': "]],
    ['two prompts in one', [`${promptFor({ host: 'evil.example' })}\n${promptFor({})}`]],
  ])('%s', async (_, prompt) => {
    expect(await askpass(...prompt)).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^\[km\] No credential: .+\n$/),
    });
  });

  test.each([
    ['is missing', undefined],
    ['is empty', ''],
    ['is of another version', 'version 2\ngit https://github.com\n'],
    ['names an http host that is not loopback', { git: 'http://github.com' }],
    ['names a host that only begins like loopback', { git: 'http://127.0.0.1.evil.example:1' }],
  ])('a policy that %s', async (_, policy) => {
    const other = makePlace(policy ?? '');
    try {
      if (policy === undefined) await run('rm', [`${other.scripts}/policy`]);
      const asked = { protocol: 'http', host: '127.0.0.1.evil.example:1' };
      for (const prompt of [promptFor({}), promptFor({ protocol: 'http' }), promptFor(asked)]) {
        expect(await run(`${other.scripts}/km-git-askpass`, [prompt])).toMatchObject({
          status: 1,
          stdout: '',
        });
      }
    } finally {
      other.remove();
    }
  });
});
