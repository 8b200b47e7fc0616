import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import {
  ACCESS_KEY,
  CREDENTIALS,
  type FakeAws,
  SECRET_KEY,
  SESSION_TOKEN,
  startFakeAws,
} from './fake-aws.ts';
import { makePlace, type Place, policyText, type Ran, run } from './scripts.ts';

const TOKEN = `ghs_${'t'.repeat(36)}`;
const PARAMETER = '/sandbox/sb-1234abcd/github-token';
let aws: FakeAws;
let place: Place;

const close = async (): Promise<void> => {
  place?.remove();
  await aws?.close();
};

beforeEach(async () => {
  await close();
  aws = await startFakeAws();
  aws.parameters.set(PARAMETER, { value: TOKEN, modified: aws.now / 1000 - 60 });
  place = makePlace({ ssm: aws.url });
});
afterAll(close);

const read = (env: Readonly<Record<string, string>>, owner = 'my-user'): Promise<Ran> =>
  run(`${place.scripts}/km-github-token`, [owner], {
    env: { HOME: place.home, AWS_EC2_METADATA_DISABLED: 'true', ...env },
  });
const container = (): Record<string, string> => ({
  AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url}/credentials`,
});
const keys = {
  AWS_ACCESS_KEY_ID: ACCESS_KEY,
  AWS_SECRET_ACCESS_KEY: SECRET_KEY,
  AWS_SESSION_TOKEN: SESSION_TOKEN,
};
const printed = { status: 0, stdout: `${TOKEN}\n`, stderr: '' };
const refused = (why: string): Ran => ({
  status: 1,
  stdout: '',
  stderr: `[km] No GitHub token for my-user: ${why}.\n`,
});

describe('the token is read with credentials from', () => {
  test('the container endpoint', async () => {
    expect(await read(container())).toEqual(printed);
  });

  test('the container endpoint with an authorization token', async () => {
    aws.authorization = 'opens-this';
    expect(await read({ ...container(), AWS_CONTAINER_AUTHORIZATION_TOKEN: 'opens-this' })).toEqual(printed);
  });

  test.each(['opens-this', 'opens-this\n'])(
    'the container endpoint with a token in a file (%j)',
    async (content) => {
      const file = join(place.root, 'token');
      writeFileSync(file, content);
      aws.authorization = 'opens-this';
      const env = { ...container(), AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file };
      expect(await read(env)).toEqual(printed);
      expect(await read({ ...env, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'older' })).toEqual(printed);
    },
  );

  test('the environment', async () => {
    expect(await read(keys)).toEqual(printed);
    expect(aws.requests).toHaveLength(1);
  });

  test('the container endpoint when the environment holds keys too', async () => {
    expect(await read({ ...keys, AWS_SECRET_ACCESS_KEY: 'stale', ...container() })).toEqual(printed);
  });

  test('instance metadata, version 2', async () => {
    const env = { AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: `${aws.url}/` };
    expect(await read(env)).toEqual(printed);
    expect(aws.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'PUT /latest/api/token',
      'GET /latest/meta-data/iam/security-credentials/',
      'GET /latest/meta-data/iam/security-credentials/km-sandbox-role',
      'POST /',
    ]);
  });

  test('an endpoint that escapes the slashes in its answer', async () => {
    aws.credentials = aws.credentials.replaceAll('/', '\\/');
    expect(aws.credentials).toContain('\\/');
    expect(await read(container())).toEqual(printed);
  });
});

describe('no credentials are fetched from', () => {
  test.each([
    'http://evil.example/credentials',
    'http://127.evil.example/credentials',
    'http://127.0.0.1.evil.example/credentials',
    'http://169.254.170.20/credentials',
    'http://169.254.170.2@evil.example/credentials',
    'https://127.0.0.1/credentials',
    'ftp://127.0.0.1/credentials',
    'http://127.0.0.1:1/a b',
    'http://127.0.0.1:1/\r\nHost: evil',
    'nonsense',
  ])('%j', async (uri) => {
    expect(await read({ PATH: bareTools(), AWS_CONTAINER_CREDENTIALS_FULL_URI: uri })).toEqual(
      refused(
        'no answer from the container credentials endpoint, or it is not one of ECS, EKS or loopback. ' +
          'Run this with the role of sb-1234abcd',
      ),
    );
  });
});

/** A PATH with curl and the few tools that the scripts call, and no AWS CLI. */
function bareTools(names: readonly string[] = ['curl', 'date', 'sleep', 'timeout']): string {
  const folder = mkdtempSync(join(place.root, 'bin-'));
  for (const name of names) symlinkSync(`/usr/bin/${name}`, join(folder, name));
  return folder;
}

describe('without a token, one line says why and what to do:', () => {
  const ask = "Ask the sandbox's operator for:";
  const answered = (type: string) => [400, { __type: type, message: 'x' }] as [number, object];

  test.each([
    [
      'expired',
      () => aws.parameters.set(PARAMETER, { value: TOKEN, modified: aws.now / 1000 - 3600 - 125 }),
      `it expired 2 min ago and was not refreshed. ${ask} km refresh sb-1234abcd`,
    ],
    [
      'no access to the parameter',
      () => aws.failures.push(answered('AccessDeniedException')),
      `no access to ${PARAMETER} (AccessDenied). Only the role of sb-1234abcd may read it: check whose credentials these are`,
    ],
    [
      'no such sandbox',
      () => aws.parameters.clear(),
      `no such sandbox: ${PARAMETER} does not exist, so sb-1234abcd was destroyed or its TTL is over. Create a new one`,
    ],
    [
      'the credentials have expired',
      () => aws.failures.push(answered('ExpiredTokenException')),
      "AWS does not accept the credentials (ExpiredTokenException). They expired or are not sb-1234abcd's; check the machine's clock too",
    ],
    [
      'an unknown answer',
      () => aws.failures.push(answered('com.amazonaws#OddException')),
      `Parameter Store answered OddException. ${ask} km doctor`,
    ],
    [
      'a parameter that holds something else',
      () => aws.parameters.set(PARAMETER, { value: 'pending', modified: 1 }),
      `${PARAMETER} does not hold one. ${ask} km refresh sb-1234abcd`,
    ],
    [
      'credentials that would break out of the configuration',
      () => {
        aws.credentials = JSON.stringify({ ...CREDENTIALS, Token: 'a b' });
      },
      'the AWS credentials hold characters that no AWS credential has. Run this with the role of sb-1234abcd',
    ],
    [
      'an unknown answer that would write to the terminal',
      () => aws.failures.push(answered('Odd\u001b[2JException')),
      `Parameter Store answered HTTP400. ${ask} km doctor`,
    ],
    [
      'credentials with a quote in them',
      () => {
        aws.credentials = JSON.stringify({ ...CREDENTIALS, Token: 'a"\nurl="http://evil.example' });
      },
      'the credentials endpoint answered without AWS credentials. Run this with the role of sb-1234abcd',
    ],
    [
      'an answer without credentials',
      () => {
        aws.credentials = '{"message":"no role"}';
      },
      'the credentials endpoint answered without AWS credentials. Run this with the role of sb-1234abcd',
    ],
    [
      'an endpoint that wants another authorization',
      () => {
        aws.authorization = 'x';
      },
      'the container credentials endpoint answered 403. Run this with the role of sb-1234abcd',
    ],
  ])('%s', async (_, arrange, why) => {
    arrange();
    expect(await read({ ...container(), PATH: bareTools() })).toEqual(refused(why));
  });

  test('no AWS credentials', async () => {
    expect(await read({ PATH: bareTools() })).toEqual(
      refused(
        'no AWS credentials: no container endpoint, no keys in the environment, no instance metadata. ' +
          'Run this with the role of sb-1234abcd',
      ),
    );
  });

  test('an endpoint that cannot be reached', async () => {
    place.setPolicy({ ssm: 'http://127.0.0.1:1' });
    expect(await read(container())).toEqual(
      refused("http://127.0.0.1:1 cannot be reached (curl 7). Check the sandbox's network and proxy"),
    );
  });

  test('neither curl nor the AWS CLI', async () => {
    expect(await read({ ...keys, PATH: bareTools(['date']) })).toEqual(
      refused('neither curl nor the AWS CLI is installed. Install curl 7.75 or newer'),
    );
  });

  test('an owner whom the policy does not name', async () => {
    expect((await read(container(), 'nobody')).stderr).toBe(
      '[km] No GitHub token for nobody: the policy of sb-1234abcd names no parameter for this owner.\n',
    );
  });

  test('a policy that cannot be read', async () => {
    place.setPolicy('version 9\n');
    const { status, stdout, stderr } = await read(container());
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toBe(`[km] The sandbox's policy cannot be read: ${place.scripts}/policy\n`);
  });

  test.each(['', 'a b', '../x', '*', 'a\nb'])('an owner that is none: %j', async (owner) => {
    expect(await read(container(), owner)).toEqual({
      status: 2,
      stdout: '',
      stderr: 'Usage: km-github-token OWNER\n',
    });
  });
});

describe('a passing failure is tried again:', () => {
  test.each([
    [400, 'ThrottlingException'],
    [400, 'com.amazonaws.ssm#RequestLimitExceeded'],
    [500, 'InternalServerError'],
    [503, undefined],
  ])('%i %s', async (status, type) => {
    aws.failures.push([status, type ? { __type: type } : {}], [status, type ? { __type: type } : {}]);
    expect(await read(container())).toEqual(printed);
  });

  test('three times and no more', async () => {
    for (let i = 0; i < 4; i += 1) aws.failures.push([400, { __type: 'ThrottlingException' }]);
    expect(await read(container())).toEqual(
      refused('Parameter Store is throttling requests. Try again in a few seconds'),
    );
    expect(aws.failures).toHaveLength(1);
  });
});

describe("the token's age is judged", () => {
  const hours = 3_600_000;

  test.each([
    ['behind', -3 * hours],
    ['ahead of', 3 * hours],
  ])("by the service's clock when this machine's is %s it", async (_, shift) => {
    aws.now -= shift;
    aws.parameters.set(PARAMETER, { value: TOKEN, modified: aws.now / 1000 - 3500 });
    expect(await read(container())).toEqual(printed);
    aws.parameters.set(PARAMETER, { value: TOKEN, modified: aws.now / 1000 - 3602 });
    expect((await read(container())).stderr).toContain('it expired');
  });

  test.each([
    ['whole', (seconds: number) => String(Math.floor(seconds))],
    ['with a fraction', (seconds: number) => seconds.toFixed(3)],
    ['with an exponent', (seconds: number) => `${(seconds / 1e9).toFixed(12)}E9`],
    [
      'with an exponent and few digits',
      (seconds: number) => `${(Math.floor(seconds / 10_000) / 100_000).toFixed(5)}e+9`,
    ],
  ])('from a number %s', async (_, written) => {
    for (const [age, isFresh] of [
      [100, true],
      [3600 + 10_100, false],
    ] as const) {
      // Rounded up to ten thousand seconds, so that cutting digits off makes nothing younger.
      aws.now = Math.ceil(aws.now / 1e7) * 1e7 + 100_000;
      aws.parameters.set(PARAMETER, { value: TOKEN, modified: written(aws.now / 1000 - age) });
      expect((await read(container())).status).toBe(isFresh ? 0 : 1);
    }
  });
});

test.each([`ghs_${'a'.repeat(36)}`, `ghs_123456_${'eyJ.hbG-c_iO'.repeat(60)}`])(
  'a token of either form is printed as it is: %s',
  async (value) => {
    aws.parameters.set(PARAMETER, { value, modified: aws.now / 1000 });
    expect((await read(container())).stdout).toBe(`${value}\n`);
  },
);

test.each([
  'ghs_short',
  `ghp_${'a'.repeat(36)}`,
  `ghs_${'a'.repeat(36)} `,
  `ghs_${'a'.repeat(36)}\nquit=0`,
  `ghs_${'a'.repeat(18)}"${'a'.repeat(18)}`,
  `ghs_${'a'.repeat(4093)}`,
])('what is not a token is not printed: %j', async (value) => {
  aws.parameters.set(PARAMETER, { value, modified: aws.now / 1000 });
  expect(await read(container())).toMatchObject({ status: 1, stdout: '' });
});

test('a name that looks like a value does not stand for the value', async () => {
  const name = '/sandbox/sb-1234abcd/x';
  place.setPolicy(policyText({ ssm: aws.url, tokens: [`my-user ${name}`] }));
  aws.failures.push([
    200,
    {
      Parameter: { Name: `"Value":"ghs_${'x'.repeat(36)}"`, LastModifiedDate: aws.now / 1000, Value: TOKEN },
    },
  ]);
  expect((await read(container())).stdout).toBe(`${TOKEN}\n`);
});

describe('the AWS CLI stands in', () => {
  /** A stand-in for the CLI that notes its arguments and answers as the real one does. */
  const withCli = (answer: string, tools: readonly string[] = ['date', 'cat']): string => {
    const folder = bareTools(tools);
    const script = `#!/bin/bash\nprintf '%s\\n' "$*" >>${place.root}/cli\n${answer}\n`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'aws'), script, { mode: 0o755 });
    return folder;
  };
  const found = (modified: string) =>
    `cat <<'END'\n${JSON.stringify({ Parameter: { Name: PARAMETER, Value: TOKEN, LastModifiedDate: modified } }, null, 4)}\nEND`;

  test('where curl is missing', async () => {
    const PATH = withCli(found(new Date().toISOString()));
    expect(await read({ ...keys, PATH })).toEqual(printed);
    const { stdout } = await run('cat', [`${place.root}/cli`]);
    expect(stdout).toBe(
      `ssm get-parameter --name ${PARAMETER} --with-decryption --output json --region us-east-1 --endpoint-url ${aws.url}\n`,
    );
  });

  test('where curl cannot sign', async () => {
    const PATH = withCli(found(new Date().toISOString()));
    writeFileSync(join(PATH, 'curl'), '#!/bin/bash\ncat >/dev/null\nexit 2\n', { mode: 0o755 });
    expect(await read({ ...keys, PATH })).toEqual(printed);
  });

  test('where AWS does not take the signature of an old curl', async () => {
    const PATH = withCli(found(new Date().toISOString()), ['curl', 'date', 'cat']);
    aws.failures.push([403, { __type: 'InvalidSignatureException' }]);
    expect(await read({ ...keys, PATH })).toEqual(printed);
  });

  test('and its answer expires too', async () => {
    const PATH = withCli(found(new Date(Date.now() - 2 * 3_600_000).toISOString()));
    expect(await read({ ...keys, PATH })).toEqual(
      refused(
        "it expired 60 min ago and was not refreshed. Ask the sandbox's operator for: km refresh sb-1234abcd",
      ),
    );
  });

  test('and its errors are told alike', async () => {
    const error = 'An error occurred (AccessDeniedException) when calling the GetParameter operation: no';
    const PATH = withCli(`echo '${error}' >&2; exit 254`);
    expect((await read({ ...keys, PATH })).stderr).toContain(`no access to ${PARAMETER} (AccessDenied)`);
  });

  test('and is not asked when access is denied', async () => {
    const PATH = withCli(found(new Date().toISOString()), ['curl', 'date', 'cat']);
    aws.failures.push([400, { __type: 'AccessDeniedException' }]);
    expect((await read({ ...keys, PATH })).stderr).toContain('AccessDenied');
    expect((await run('cat', [`${place.root}/cli`])).status).toBe(1);
  });
});
