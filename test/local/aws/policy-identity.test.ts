// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written like this
import { describe, expect, test } from 'vitest';
import type { PolicyStatement } from '../../../lib/local/aws/cloud.ts';
import { allow, ask, deny, NO_IDENTITY, PARAMETER, policy } from './policy-question.ts';

describe('an identity policy', () => {
  test.each<[string, PolicyStatement[], string]>([
    ['that is absent allows nothing', [], NO_IDENTITY],
    [
      'that names action and resource allows',
      [allow({ Action: 'ssm:GetParameter', Resource: PARAMETER })],
      'allow',
    ],
    ['matches actions without case', [allow({ Action: 'SSM:getparameter' })], 'allow'],
    ['matches resources with case', [allow({ Resource: PARAMETER.toUpperCase() })], NO_IDENTITY],
    ['takes * for any characters of an action', [allow({ Action: 'ssm:Get*' })], 'allow'],
    ['takes ? for exactly one character', [allow({ Action: 'ssm:GetParamete??' })], NO_IDENTITY],
    ['does not let ssm:Get mean ssm:GetParameter', [allow({ Action: 'ssm:Get' })], NO_IDENTITY],
    [
      'does not let a dot mean any character',
      [allow({ Resource: PARAMETER.replace('/sb-1/', '/sb.1/') })],
      NO_IDENTITY,
    ],
    ['allows by NotAction whatever is not named', [allow({ NotAction: 'ssm:PutParameter' })], 'allow'],
    ['does not allow by NotAction what is named', [allow({ NotAction: ['iam:*', 'ssm:Get*'] })], NO_IDENTITY],
    ['allows by NotResource whatever is not named', [allow({ NotResource: `${PARAMETER}s/*` })], 'allow'],
    ['does not allow by NotResource what is named', [allow({ NotResource: PARAMETER })], NO_IDENTITY],
    [
      'denies in spite of an Allow',
      [allow(), deny({ Action: 'ssm:*' })],
      'explicit deny: identity-based policy',
    ],
    [
      'denies by NotAction all but what is named',
      [allow(), deny({ NotAction: 'kms:*' })],
      'explicit deny: identity-based policy',
    ],
    ['denies by NotResource all but what is named', [allow(), deny({ NotResource: PARAMETER })], 'allow'],
    ['without a resource allows nothing', [{ Effect: 'Allow', Action: '*' }], NO_IDENTITY],
  ])('%s', (_, statements, expected) => {
    expect(ask({ identity: [policy(...statements)] })).toBe(expected);
  });

  test.each<[string, string, string, boolean]>([
    ['a * inside one segment stays in it', 'arn:aws:ssm:*:*:parameter/sandbox/sb-1/*', PARAMETER, true],
    ['a * does not swallow a colon', 'arn:aws:*:parameter/sandbox/sb-1/github-token', PARAMETER, false],
    ['a * at the end reaches past colons', 'arn:aws:ssm:*', PARAMETER, true],
    [
      'the resource part may hold colons',
      'arn:aws:logs:*:*:log-group:/aws/*:*',
      'arn:aws:logs:us-east-1:0:log-group:/aws/x:log-stream:y',
      true,
    ],
    [
      'a path prefix without its slash also matches a sibling',
      'arn:aws:ssm:*:*:parameter/sandbox/sb-1*',
      PARAMETER.replace('sb-1/', 'sb-12/'),
      true,
    ],
    [
      'a path prefix with its slash does not',
      'arn:aws:ssm:*:*:parameter/sandbox/sb-1/*',
      PARAMETER.replace('sb-1/', 'sb-12/'),
      false,
    ],
    ['a * crosses slashes', 'arn:aws:ssm:*:*:parameter/*token', PARAMETER, true],
    ['another account is another resource', 'arn:aws:ssm:*:111111111111:parameter/*', PARAMETER, false],
  ])('resource patterns: %s', (_, pattern, resource, matches) => {
    const identity = [policy(allow({ Resource: pattern }))];
    expect(ask({ identity, resource })).toBe(matches ? 'allow' : NO_IDENTITY);
  });
});

describe('policy variables', () => {
  const own = 'arn:aws:ssm:*:*:parameter/sandbox/${aws:PrincipalTag/sandbox}/*';
  test.each<[string, string, Record<string, string>, string]>([
    ["stand for the request's value", own, { 'aws:PrincipalTag/sandbox': 'sb-1' }, 'allow'],
    ['with another value do not match', own, { 'aws:PrincipalTag/sandbox': 'sb-2' }, NO_IDENTITY],
    ['without a value make the statement not apply', own, {}, NO_IDENTITY],
    ['do not bring in wildcards', own, { 'aws:PrincipalTag/sandbox': '*' }, NO_IDENTITY],
    ['may have a default', "arn:aws:ssm:*:*:parameter/sandbox/${aws:PrincipalTag/x, 'sb-1'}/*", {}, 'allow'],
    ['${*} is a star and no wildcard', 'arn:aws:ssm:*:*:parameter/sandbox/${*}/*', {}, NO_IDENTITY],
  ])('%s', (_, Resource, context, expected) => {
    expect(ask({ identity: [policy(allow({ Resource }))], context })).toBe(expected);
  });

  test('are plain text in a policy without the 2012 version', () => {
    const identity = [{ Statement: [allow({ Resource: own })] }];
    expect(ask({ identity, context: { 'aws:PrincipalTag/sandbox': 'sb-1' } })).toBe(NO_IDENTITY);
  });

  test("a missing value in a Deny's NotResource does not widen the Deny to everything", () => {
    const identity = [policy(allow(), deny({ NotResource: own }))];
    expect(ask({ identity })).toBe('allow');
    expect(ask({ identity, context: { 'aws:PrincipalTag/sandbox': 'sb-2' } })).toBe(
      'explicit deny: identity-based policy',
    );
  });
});
