import { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ACCESS_KEY, type FakeAws, SECRET_KEY, SESSION_TOKEN, startFakeAws } from './fake-aws.ts';
import { promptFor, requestFor } from './hostile-urls.ts';
import { makePlace, type Place, type Ran, run } from './scripts.ts';

const TOKEN = `ghs_${'s'.repeat(36)}`;
const SECRETS = [TOKEN, SECRET_KEY, SESSION_TOKEN];
let aws: FakeAws;
let place: Place;

/** What the processes of one run show to others while they wait for an answer. */
interface Seen {
  readonly commands: string[];
  readonly environments: string[];
  readonly openFiles: string[];
}
let seen: Seen;

const attempt = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    // The process ended meanwhile.
    return undefined;
  }
};

/** Looks at every process that has this run's home in its environment. */
function look(): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const environment = attempt(() => readFileSync(`/proc/${pid}/environ`, 'utf8'));
    if (!environment?.includes(`HOME=${place.home}\0`)) continue;
    seen.environments.push(environment);
    seen.commands.push(attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '');
    for (const fd of attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []) {
      const target = attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`));
      if (target?.startsWith('/')) seen.openFiles.push(target);
    }
  }
}

beforeAll(async () => {
  aws = await startFakeAws();
  aws.parameters.set('/sandbox/sb-1234abcd/github-token', { value: TOKEN, modified: aws.now / 1000 });
  aws.onRequest = look;
  place = makePlace({ ssm: aws.url });
  mkdirSync(join(place.root, 'tmp'));
});
afterAll(async () => {
  place.remove();
  await aws.close();
});

const watched = async (
  program: string,
  args: readonly string[],
  input = '',
  env: Record<string, string> = {},
): Promise<Ran> => {
  seen = { commands: [], environments: [], openFiles: [] };
  return run(program, args, {
    input,
    env: {
      HOME: place.home,
      TMPDIR: join(place.root, 'tmp'),
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url}/credentials`,
      ...env,
    },
  });
};

test.each([
  ['askpass', 'km-git-askpass', [promptFor({})], ''],
  ['the credential helper', 'km-git-credential-helper', ['get'], requestFor({})],
  ['the token reader', 'km-github-token', ['my-user'], ''],
])(
  '%s shows no secret in arguments, environments or open files, and leaves no file',
  async (_, name, args, input) => {
    const { stdout, stderr } = await watched(join(place.scripts, name), args, input);
    expect(stdout).toContain(TOKEN);
    expect(stderr).toBe('');
    // Both requests were seen under way: bash alone for the credentials, then curl for the token.
    expect(seen.commands.some((command) => command.includes(name))).toBe(true);
    expect(seen.commands.filter((command) => /^curl\0/.test(command))).not.toEqual([]);
    for (const secret of SECRETS) {
      expect(seen.commands.join('\n')).not.toContain(secret);
      expect(seen.environments.join('\n')).not.toContain(secret);
    }
    expect(seen.commands.join('\n')).not.toContain(ACCESS_KEY);
    // A here-document of older versions of bash is a deleted file below TMPDIR.
    const written = /\(deleted\)$|^\/tmp\/|^\/var\/|^\/dev\/shm\//;
    const suspects = seen.openFiles.filter((file) => written.test(file) && !file.startsWith(place.scripts));
    expect(suspects).toEqual([]);
    expect(readdirSync(join(place.root, 'tmp'))).toEqual([]);
    expect(readdirSync(place.home)).toEqual([]);
  },
);

test('a trace that the environment asks bash for shows no secret', async () => {
  const file = join(place.home, 'env.bash');
  const env = { SHELLOPTS: 'xtrace', BASH_ENV: file, PS4: '+ ', BASH_XTRACEFD: '2' };
  const { stdout, stderr } = await watched(join(place.scripts, 'km-github-token'), ['my-user'], '', env);
  expect({ stdout, stderr }).toEqual({ stdout: `${TOKEN}\n`, stderr: '' });
});

test('a function or a .curlrc of the environment takes no part', async () => {
  const home = join(place.root, 'other-home');
  mkdirSync(home);
  const { stdout } = await run('bash', [
    '-c',
    `printf 'output = "${home}/stolen"\\n' >${home}/.curlrc; printf x`,
  ]);
  expect(stdout).toBe('x');
  const env = { HOME: home, CURL_HOME: home, 'BASH_FUNC_curl%%': '() { cat >$HOME/stolen; }' };
  expect((await watched(join(place.scripts, 'km-github-token'), ['my-user'], '', env)).stdout).toBe(
    `${TOKEN}\n`,
  );
  expect(readdirSync(home)).toEqual(['.curlrc']);
});

test('an http proxy is not told what a loopback endpoint answers', async () => {
  const proxy = {
    http_proxy: 'http://127.0.0.1:1',
    HTTP_PROXY: 'http://127.0.0.1:1',
    all_proxy: 'http://127.0.0.1:1',
  };
  expect((await watched(join(place.scripts, 'km-github-token'), ['my-user'], '', proxy)).stdout).toBe(
    `${TOKEN}\n`,
  );
});
