import { describe, expect, test } from 'vitest';
import type { PolicyDocument, PolicyStatement } from '../../../lib/local/aws/cloud.ts';
import {
  ACCOUNT,
  allow,
  ask,
  deny,
  type Given,
  NO_IDENTITY,
  policy,
  ROLE,
  SESSION,
  scheduler,
  USER,
  user,
} from './policy-question.ts';

describe('boundary and session policy', () => {
  const all = policy(allow());
  const kmsOnly = policy(allow({ Action: 'kms:*' }));
  test.each<[string, Given, string]>([
    [
      'a boundary that does not allow limits',
      { identity: [all], boundary: kmsOnly },
      'implicit deny: permissions boundary',
    ],
    ['a boundary by itself allows nothing', { boundary: all }, NO_IDENTITY],
    [
      'a session policy that does not allow limits',
      { identity: [all], session: kmsOnly },
      'implicit deny: session policy',
    ],
    ['all three together allow', { identity: [all], boundary: all, session: all }, 'allow'],
    [
      "a boundary's Deny wins",
      { identity: [all], boundary: policy(allow(), deny()) },
      'explicit deny: permissions boundary',
    ],
    [
      "a session policy's Deny wins",
      { identity: [all], session: policy(allow(), deny()) },
      'explicit deny: session policy',
    ],
  ])('%s', (_, given, expected) => {
    expect(ask(given)).toBe(expected);
  });
});

describe('a key policy', () => {
  const all = policy(allow());
  const to = (Principal: PolicyStatement['Principal'], more: Partial<PolicyStatement> = {}): PolicyDocument =>
    policy(allow({ ...(Principal === undefined ? {} : { Principal }), ...more }));
  const NO_KEY = 'implicit deny: resource-based policy';
  const root = { AWS: `arn:aws:iam::${ACCOUNT}:root` };
  test.each<[string, Given, string]>([
    [
      'that does not allow cannot be made up for by identity',
      { identity: [all], resourcePolicy: to({ AWS: USER }) },
      NO_KEY,
    ],
    ['that names the role allows without identity', { resourcePolicy: to({ AWS: ROLE }) }, 'allow'],
    ['that names the session allows without identity', { resourcePolicy: to({ AWS: SESSION }) }, 'allow'],
    ['that names the account delegates: no identity, no access', { resourcePolicy: to(root) }, NO_IDENTITY],
    [
      'that names the account delegates: identity decides',
      { identity: [all], resourcePolicy: to(root) },
      'allow',
    ],
    [
      'may name the account by its number',
      { identity: [all], resourcePolicy: to({ AWS: ACCOUNT }) },
      'allow',
    ],
    ['that names anyone allows', { resourcePolicy: to('*') }, 'allow'],
    [
      'of another account names nobody here',
      { identity: [all], resourcePolicy: to({ AWS: '111111111111' }) },
      NO_KEY,
    ],
    [
      'does not take a wildcard in an ARN',
      { resourcePolicy: to({ AWS: `arn:aws:iam::${ACCOUNT}:role/*` }) },
      NO_KEY,
    ],
    [
      'that names a role is limited by its boundary',
      { resourcePolicy: to({ AWS: ROLE }), boundary: policy(allow({ Action: 's3:*' })) },
      'implicit deny: permissions boundary',
    ],
    [
      'that names the very session is not',
      { resourcePolicy: to({ AWS: SESSION }), boundary: policy(allow({ Action: 's3:*' })) },
      'allow',
    ],
    [
      'denies in spite of every Allow',
      {
        identity: [all],
        resourcePolicy: policy(allow({ Principal: '*' }), deny({ Principal: { AWS: ROLE } })),
      },
      'explicit deny: resource-based policy',
    ],
    [
      "gives way to an identity's Deny",
      { identity: [policy(deny())], resourcePolicy: to({ AWS: ROLE }) },
      'explicit deny: identity-based policy',
    ],
    [
      'with a condition on the account statement delegates only under it',
      {
        identity: [all],
        resourcePolicy: to(root, {
          Condition: { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/km-*' } },
        }),
        context: { 'aws:PrincipalArn': ROLE },
      },
      NO_KEY,
    ],
    [
      'that names a service serves only that service',
      { caller: scheduler, resourcePolicy: to({ Service: 'scheduler.amazonaws.com' }) },
      'allow',
    ],
    [
      'that names another service does not',
      { caller: scheduler, resourcePolicy: to({ Service: 'lambda.amazonaws.com' }) },
      NO_KEY,
    ],
    [
      'that names the account does not serve services',
      { caller: scheduler, resourcePolicy: to(root) },
      NO_KEY,
    ],
    [
      'does not serve a role that was made anew under its name',
      { resourcePolicy: to({ AWS: ROLE }), principalIds: { [ROLE]: 'AROA0' } },
      NO_KEY,
    ],
    [
      'serves the role that it was written for',
      { resourcePolicy: to({ AWS: ROLE }), principalIds: { [ROLE]: 'AROA1' } },
      'allow',
    ],
    ['names a user directly', { caller: user, resourcePolicy: to({ AWS: USER }) }, 'allow'],
  ])('%s', (_, given, expected) => {
    expect(ask(given)).toBe(expected);
  });

  test('with NotPrincipal denies all but account, role and session together', () => {
    const but = (...AWS: string[]): PolicyDocument =>
      policy(allow({ Principal: '*' }), {
        Effect: 'Deny',
        NotPrincipal: { AWS },
        Action: '*',
        Resource: '*',
      });
    expect(ask({ resourcePolicy: but(ROLE) })).toBe('explicit deny: resource-based policy');
    expect(ask({ resourcePolicy: but(root.AWS, ROLE, SESSION) })).toBe('allow');
  });
});

describe('a queue or function policy', () => {
  const queue = (AWS: string): PolicyDocument => policy(allow({ Principal: { AWS } }));
  test.each<[string, Given, string]>([
    [
      'is not needed where identity allows',
      { identity: [policy(allow())], resourcePolicy: queue(USER) },
      'allow',
    ],
    ['allows by itself the role it names', { resourcePolicy: queue(ROLE) }, 'allow'],
    ['that names the account leaves it to identity', { resourcePolicy: queue(ACCOUNT) }, NO_IDENTITY],
    [
      'still denies',
      { identity: [policy(allow())], resourcePolicy: policy(deny({ Principal: '*' })) },
      'explicit deny: resource-based policy',
    ],
  ])('%s', (_, given, expected) => {
    expect(ask({ ...given, resourcePolicyRule: 'alternative' })).toBe(expected);
  });
});
