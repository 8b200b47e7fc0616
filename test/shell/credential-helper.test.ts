import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FakeAws, startFakeAws } from './fake-aws.ts';
import { ALLOWED, HOSTILE, PLAIN, requestFor } from './hostile-urls.ts';
import { makePlace, type Place, type Ran, run } from './scripts.ts';

const TOKENS = { 'my-user': `ghs_${'u'.repeat(36)}`, 'my-org': `ghs_${'o'.repeat(36)}` };
let aws: FakeAws;
let place: Place;

const helper = (operation: readonly string[], input: string | Buffer): Promise<Ran> =>
  run(`${place.scripts}/km-git-credential-helper`, operation, {
    input,
    env: { HOME: place.home, AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url}/credentials` },
  });

beforeAll(async () => {
  aws = await startFakeAws();
  const modified = Math.floor(aws.now / 1000) - 60;
  aws.parameters.set('/sandbox/sb-1234abcd/github-token', { value: TOKENS['my-user'], modified });
  aws.parameters.set('/sandbox/sb-1234abcd/github-tokens/my-org', { value: TOKENS['my-org'], modified });
  place = makePlace();
});
beforeEach(() => place.setPolicy({ ssm: aws.url }));
afterAll(async () => {
  place.remove();
  await aws.close();
});

describe('the credential helper answers get for an allowed repo', () => {
  test.each(ALLOWED)('of $what with the token of $owner', async ({ owner, ...asked }) => {
    const { status, stdout, stderr } = await helper(['get'], requestFor(asked));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(
      new RegExp(
        `^username=x-access-token\npassword=${TOKENS[owner as keyof typeof TOKENS]}\npassword_expiry_utc=\\d{10}\n$`,
      ),
    );
  });

  test('with the time at which the token expires, on the clock of this machine', async () => {
    const ahead = 7200;
    aws.now += ahead * 1000;
    const modified = Math.floor(aws.now / 1000) - 600;
    aws.parameters.set('/sandbox/sb-1234abcd/later', { value: TOKENS['my-user'], modified });
    place.setPolicy({ ssm: aws.url, tokens: ['my-user /sandbox/sb-1234abcd/later'] });
    const { stdout } = await helper(['get'], requestFor({}));
    aws.now -= ahead * 1000;
    const left = Number(/password_expiry_utc=(\d+)/.exec(stdout)?.[1]) - Date.now() / 1000;
    expect(left).toBeGreaterThan(3000 - 60);
    expect(left).toBeLessThan(3000 + 60);
  });

  test.each([
    ['an end of its input without a last newline', requestFor({}).trimEnd()],
    ['an empty line at the end', `${requestFor({})}\n`],
    [
      'attributes of later versions of git',
      `capability[]=authtype\ncapability[]=state\n${requestFor({})}wwwauth[]=Basic realm="GitHub"\n`,
    ],
    ['an attribute that it does not know', `${requestFor({})}ephemeral=1\n`],
  ])('with %s', async (_, input) => {
    expect((await helper(['get'], input)).stdout).toContain(`password=${TOKENS['my-user']}\n`);
  });
});

describe('the credential helper gives no credential for', () => {
  test.each(HOSTILE)('$trick', async (asked) => {
    const before = aws.requests.length;
    const { stdout } = await helper(['get'], requestFor(asked));
    expect(['', 'quit=1\n']).toContain(stdout);
    expect(aws.requests.length).toBe(before);
  });

  test.each([
    ['a repeated host (CVE-2020-5260)', `${requestFor({ host: 'evil.example' })}host=github.com\n`],
    ['a repeated protocol', `protocol=http\n${requestFor({})}`],
    ['a repeated path', `${requestFor({})}path=my-user/my-repo\n`],
    ['a url beside the attributes', `${requestFor({})}url=https://evil.example/my-user/my-repo\n`],
    ['a url alone', 'url=https://github.com/my-user/my-repo\n'],
    ['a line without =', `${requestFor({})}host\n`],
    ['a line without a key', `${requestFor({})}=github.com\n`],
    ['a key in which a space stands', `${requestFor({})}ho st=github.com\n`],
    ['carriage returns at the ends of lines (CVE-2024-52006)', requestFor({}).replaceAll('\n', '\r\n')],
    ['a NUL in the host', requestFor({ host: 'github.com\0.evil.example' })],
    ['a NUL that hides the rest', `${requestFor({})}\0host=evil.example\n`],
    ['lines behind the empty line', `protocol=https\nhost=evil.example\n\n${requestFor({})}`],
    ['nothing at all', ''],
    ['an escape sequence in an attribute that it does not know', `${requestFor({})}wwwauth[]=\u001b[2J\n`],
  ])('%s, and says that the request is malformed', async (_, input) => {
    expect(await helper(['get'], input)).toEqual({
      status: 1,
      stdout: 'quit=1\n',
      stderr: expect.stringMatching(/^\[km\] No credential: the request (is malformed|holds a NUL)\.\n$/),
    });
  });

  test('another host, silently, since other helpers may know it', async () => {
    expect(await helper(['get'], requestFor({ host: 'example.com' }))).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
  });

  test('a repo that is not listed, and tells git to ask nobody else', async () => {
    expect(await helper(['get'], requestFor({ path: 'my-user/secret.git' }))).toEqual({
      status: 1,
      stdout: 'quit=1\n',
      stderr: "[km] No credential: my-user/secret is not in this sandbox's allowedRepos.\n",
    });
  });
});

describe('the credential helper does nothing for', () => {
  test.each([[['store']], [['erase']], [['capability']], [['unknown']], [[]]])('%j', async (operation) => {
    const before = aws.requests.length;
    const input = `${requestFor({})}username=x-access-token\npassword=x\n`;
    expect(await helper(operation, input)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(aws.requests.length).toBe(before);
  });
});

describe('git, with the helper as the only one for the host,', () => {
  const fill = (input: string, config: readonly string[] = []): Promise<Ran> => {
    const settings = [
      'credential.https://github.com.helper=',
      `credential.https://github.com.helper=${place.scripts}/km-git-credential-helper`,
      'credential.https://github.com.useHttpPath=true',
    ];
    return run(
      'git',
      [...[...config, ...settings].flatMap((setting) => ['-c', setting]), 'credential', 'fill'],
      {
        input,
        env: {
          HOME: place.home,
          GIT_CONFIG_NOSYSTEM: '1',
          GIT_TERMINAL_PROMPT: '0',
          AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url}/credentials`,
        },
      },
    );
  };

  test('finds it in a folder with spaces and signs in its name, as git-settings names it', async () => {
    const folder = `${place.root}/a b & (c)`;
    await run('cp', ['-RP', place.scripts, folder]);
    const [, setting = ''] =
      /^credential\.@GIT@\.helper (.+)$/m.exec(readFileSync(`${folder}/git-settings`, 'utf8')) ?? [];
    const helper = setting.replace('@DIR@', folder);
    const { stdout } = await run('git', ['-c', `credential.helper=${helper}`, 'credential', 'fill'], {
      input: requestFor({ path: 'my-user/my-repo' }),
      env: {
        HOME: place.home,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'credential.useHttpPath',
        GIT_CONFIG_VALUE_0: 'true',
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url}/credentials`,
      },
    });
    expect(stdout).toContain(`password=${TOKENS['my-user']}\n`);
  });

  test('gets the credential of an allowed repo', async () => {
    const { status, stdout } = await fill(requestFor({ path: 'my-org/another-repo.git' }));
    expect(status).toBe(0);
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining(['username=x-access-token', `password=${TOKENS['my-org']}`]),
    );
  });

  test('stops at a repo that is not listed, without asking another helper or a terminal', async () => {
    const marker = `${place.root}/asked`;
    const { status, stdout, stderr } = await fill(requestFor({ path: 'my-user/secret' }), [
      `credential.helper=!touch ${marker}; :`,
    ]);
    expect({ status, stdout }).toEqual({ status: 128, stdout: '' });
    expect(stderr).toContain("my-user/secret is not in this sandbox's allowedRepos");
    expect(stderr).toContain('told us to quit');
    expect(existsSync(marker)).toBe(false);
  });

  test.each([
    'https://github.com%0ahost=evil.example/x',
    'https://evil.example?%0aprotocol=https%0ahost=github.com/my-user/my-repo',
    'https://github.com%0d@evil.example/my-user/my-repo',
    'https://github.com%2fmy-user%2fmy-repo@evil.example/x',
    'https://github.com%2fmy-user%2fmy-repo%2f.evil.example/x',
    'https://github.com\\@evil.example/my-user/my-repo',
    'https:///evil.example/https://github.com/my-user/my-repo',
    'https://x-access-token@github.com@evil.example/my-user/my-repo',
  ])('gets nothing for the URL %s', async (url) => {
    const { stdout } = await fill(`url=${url}\n`);
    for (const token of Object.values(TOKENS)) expect(stdout).not.toContain(token);
  });

  test('gets the credential for the same URL without a trick', async () => {
    const { protocol, host, path } = PLAIN;
    expect((await fill(`url=${protocol}://${host}/${path}\n`)).stdout).toContain(TOKENS['my-user']);
  });
});
