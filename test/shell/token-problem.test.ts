import { describe, expect, test } from 'vitest';
import { CREDENTIALS } from './fake-aws.ts';
import { KEYS, PARAMETER, refused, TOKEN, tokenReader } from './token-reader.ts';

const reader = tokenReader();

describe('without a token, one line says why and what to do:', () => {
  const ask = "Ask the sandbox's operator for:";
  const answered = (type: string) => [400, { __type: type, message: 'x' }] as [number, object];

  test.each([
    [
      'expired',
      () =>
        reader.aws.parameters.set(PARAMETER, { value: TOKEN, modified: reader.aws.now / 1000 - 3600 - 125 }),
      `it expired 2 min ago and was not refreshed. ${ask} km refresh sb-1234abcd`,
    ],
    [
      'no access to the parameter',
      () => reader.aws.failures.push(answered('AccessDeniedException')),
      `no access to ${PARAMETER} (AccessDenied). Only the role of sb-1234abcd may read it: check whose credentials these are`,
    ],
    [
      'no such sandbox',
      () => reader.aws.parameters.clear(),
      `no such sandbox: ${PARAMETER} does not exist, so sb-1234abcd was destroyed or its TTL is over. Create a new one`,
    ],
    [
      'the credentials have expired',
      () => reader.aws.failures.push(answered('ExpiredTokenException')),
      "AWS does not accept the credentials (ExpiredTokenException). They expired or are not sb-1234abcd's; check the machine's clock too",
    ],
    [
      'an unknown answer',
      () => reader.aws.failures.push(answered('com.amazonaws#Odd<b>Exception')),
      `Parameter Store answered Odd?b?Exception. ${ask} km doctor`,
    ],
    [
      'a parameter that holds something else',
      () => reader.aws.parameters.set(PARAMETER, { value: 'pending', modified: 1 }),
      `${PARAMETER} does not hold one. ${ask} km refresh sb-1234abcd`,
    ],
    [
      'credentials that would break out of the configuration',
      () => {
        reader.aws.credentials = JSON.stringify({ ...CREDENTIALS, Token: 'a b' });
      },
      'the AWS credentials hold characters that no AWS credential has. Run this with the role of sb-1234abcd',
    ],
    [
      'an unknown answer that would write to the terminal',
      () => reader.aws.failures.push(answered('Odd\u001b[2JException')),
      `Parameter Store answered HTTP400. ${ask} km doctor`,
    ],
    [
      'credentials with a quote in them',
      () => {
        reader.aws.credentials = JSON.stringify({ ...CREDENTIALS, Token: 'a"\nurl="http://evil.example' });
      },
      'the credentials endpoint answered without AWS credentials. Run this with the role of sb-1234abcd',
    ],
    [
      'an answer without credentials',
      () => {
        reader.aws.credentials = '{"message":"no role"}';
      },
      'the credentials endpoint answered without AWS credentials. Run this with the role of sb-1234abcd',
    ],
    [
      'an endpoint that wants another authorization',
      () => {
        reader.aws.authorization = 'x';
      },
      'the container credentials endpoint answered 403. Run this with the role of sb-1234abcd',
    ],
  ])('%s', async (_, arrange, why) => {
    arrange();
    expect(await reader.read({ ...reader.container(), PATH: reader.tools() })).toEqual(refused(why));
  });

  test('no AWS credentials', async () => {
    expect(await reader.read({ PATH: reader.tools() })).toEqual(
      refused(
        'no AWS credentials: no container endpoint, no keys in the environment, no instance metadata. ' +
          'Run this with the role of sb-1234abcd',
      ),
    );
  });

  test('an endpoint that cannot be reached', async () => {
    reader.place.setPolicy({ ssm: 'http://127.0.0.1:1' });
    expect(await reader.read(reader.container())).toEqual(
      refused("http://127.0.0.1:1 cannot be reached (curl 7). Check the sandbox's network and proxy"),
    );
  });

  test('neither curl nor the AWS CLI', async () => {
    expect(await reader.read({ ...KEYS, PATH: reader.tools(['date']) })).toEqual(
      refused('neither curl nor the AWS CLI is installed. Install curl 7.75 or newer'),
    );
  });

  test('an owner whom the policy does not name', async () => {
    expect((await reader.read(reader.container(), 'nobody')).stderr).toBe(
      '[km] No GitHub token for nobody: the policy of sb-1234abcd names no parameter for this owner.\n',
    );
  });

  test('a policy that cannot be read', async () => {
    reader.place.setPolicy('version 9\n');
    const { status, stdout, stderr } = await reader.read(reader.container());
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toBe(`[km] The sandbox's policy cannot be read: ${reader.place.scripts}/policy\n`);
  });

  test.each(['', 'a b', '../x', '*', 'a\nb'])('an owner that is none: %j', async (owner) => {
    expect(await reader.read(reader.container(), owner)).toEqual({
      status: 2,
      stdout: '',
      stderr: 'Usage: km-github-token OWNER\n',
    });
  });
});
