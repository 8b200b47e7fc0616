import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PolicyStatement } from '../../../lib/local/aws/cloud.ts';
import type { Credentials } from './sign-request.ts';
import { ACCOUNT, policy, startTestCloud, type TestCloud } from './test-cloud.ts';

const arnOf = (rest: string): string => `arn:aws:iam::${ACCOUNT}:${rest}`;
const text = (...statements: PolicyStatement[]): string => JSON.stringify(policy(...statements));
const allow = (
  Action: string | string[],
  Resource = '*',
  more: Partial<PolicyStatement> = {},
): PolicyStatement => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});

let local: TestCloud;
beforeAll(async () => {
  local = await startTestCloud();
  await local.clients().ssm.send(new PutParameterCommand({ Name: '/a', Value: 'v', Type: 'String' }));
});
afterAll(() => local[Symbol.asyncDispose]());

const failure = async (attempt: Promise<unknown>): Promise<string> => {
  try {
    await attempt;
    return 'allowed';
  } catch (error) {
    return (error as Error).name;
  }
};
const reads = async (credentials: Credentials): Promise<string> =>
  failure(local.clients(credentials).ssm.send(new GetParameterCommand({ Name: '/a' })));
const field = (answer: string, name: string): string =>
  new RegExp(`<${name}>(.*?)</${name}>`).exec(answer)?.[1] ?? '';

describe('roles', () => {
  test('are made, described and deleted, their parts first', async () => {
    const boundary = field(
      await local.iam('CreatePolicy', { PolicyName: 'bound', PolicyDocument: text(allow('ssm:*')) }),
      'Arn',
    );
    await local.makeRole('full', [allow('ssm:*')], {
      Path: '/app/',
      PermissionsBoundary: boundary,
      'Tags.member.1.Key': 'team',
      'Tags.member.1.Value': 'a&b',
    });
    const got = await local.iam('GetRole', { RoleName: 'full' });
    expect(field(got, 'Arn')).toBe(arnOf('role/app/full'));
    expect(field(got, 'PermissionsBoundaryArn')).toBe(boundary);
    expect(got).toContain('<Tags><member><Key>team</Key><Value>a&amp;b</Value></member></Tags>');
    const inline = await local.iam('GetRolePolicy', { RoleName: 'full', PolicyName: 'inline' });
    expect(JSON.parse(decodeURIComponent(field(inline, 'PolicyDocument')))).toEqual(policy(allow('ssm:*')));
    await local.iam('AttachRolePolicy', { RoleName: 'full', PolicyArn: boundary });

    const remove = () => local.iam('DeleteRole', { RoleName: 'full' });
    expect(await failure(remove())).toBe('DeleteConflict');
    await local.iam('DeleteRolePolicy', { RoleName: 'full', PolicyName: 'inline' });
    expect(await failure(remove())).toBe('DeleteConflict');
    expect(await failure(local.iam('DeletePolicy', { PolicyArn: boundary }))).toBe('DeleteConflict');
    await local.iam('DetachRolePolicy', { RoleName: 'full', PolicyArn: boundary });
    await remove();
    expect(await failure(local.iam('GetRole', { RoleName: 'full' }))).toBe('NoSuchEntity');
    await local.iam('DeletePolicy', { PolicyArn: boundary });
  });

  const trust = (Principal: PolicyStatement['Principal']): string =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }],
    });
  test.each<[string, Record<string, string>, string]>([
    ['a name that is taken, in whatever case', { RoleName: 'TAKEN' }, 'EntityAlreadyExists'],
    ['a name with a slash', { RoleName: 'a/b' }, 'ValidationError'],
    ['a name past 64 characters', { RoleName: 'a'.repeat(65) }, 'ValidationError'],
    ['a path without its last slash', { Path: '/a' }, 'ValidationError'],
    ['a boundary that does not exist', { PermissionsBoundary: arnOf('policy/none') }, 'NoSuchEntity'],
    [
      'trust in a role that does not exist',
      { AssumeRolePolicyDocument: trust({ AWS: arnOf('role/none') }) },
      'MalformedPolicyDocument',
    ],
    [
      'trust that names a resource',
      { AssumeRolePolicyDocument: text(allow('sts:AssumeRole')) },
      'MalformedPolicyDocument',
    ],
    ['trust that is no JSON', { AssumeRolePolicyDocument: 'x' }, 'MalformedPolicyDocument'],
    ['sessions of 13 hours', { MaxSessionDuration: '46800' }, 'ValidationError'],
  ])('%s is refused', async (_, more, code) => {
    await failure(local.makeRole('taken', []));
    const input = { RoleName: 'fresh', AssumeRolePolicyDocument: trust({ AWS: ACCOUNT }), ...more };
    expect(await failure(local.iam('CreateRole', input))).toBe(code);
  });

  test.each<[string, PolicyStatement]>([
    ['a principal', allow('*', '*', { Principal: '*' })],
    ['an operator that IAM has not', allow('*', '*', { Condition: { StringIs: { a: 'b' } } })],
    ['an action without its service', allow('GetParameter')],
    ['a resource that is no ARN', allow('*', 'parameter/x')],
  ])('an identity policy with %s is refused', async (_, statement) => {
    await failure(local.makeRole('bad', []));
    const put = local.iam('PutRolePolicy', {
      RoleName: 'bad',
      PolicyName: 'p',
      PolicyDocument: text(statement),
    });
    expect(await failure(put)).toBe('MalformedPolicyDocument');
  });
});

describe('permissions', () => {
  test('of an attached policy follow its default version', async () => {
    const PolicyArn = arnOf('policy/versions');
    await local.iam('CreatePolicy', { PolicyName: 'versions', PolicyDocument: text(allow('s3:*')) });
    const session = await local.session(await local.makeRole('versioned', []));
    await local.iam('AttachRolePolicy', { RoleName: 'versioned', PolicyArn });
    expect(await reads(session)).toBe('AccessDeniedException');
    const next = { PolicyArn, PolicyDocument: text(allow('ssm:*')) };
    await local.iam('CreatePolicyVersion', next);
    expect(await reads(session)).toBe('AccessDeniedException');
    await local.iam('SetDefaultPolicyVersion', { PolicyArn, VersionId: 'v2' });
    expect(await reads(session)).toBe('allowed');
    expect(await failure(local.iam('DeletePolicyVersion', { PolicyArn, VersionId: 'v2' }))).toBe(
      'DeleteConflict',
    );
    for (const _ of [3, 4, 5]) await local.iam('CreatePolicyVersion', next);
    expect(await failure(local.iam('CreatePolicyVersion', next))).toBe('LimitExceeded');
  });

  test('of the operator come with the policy attached to it, and go with it', async () => {
    const PolicyArn = arnOf('policy/operator');
    await local.iam('CreatePolicy', {
      PolicyName: 'operator',
      PolicyDocument: text(allow('ssm:GetParameter')),
    });
    expect(await reads(local.cloud.operator)).toBe('AccessDeniedException');
    await local.cloud.attachOperatorPolicy('operator');
    expect(await reads(local.cloud.operator)).toBe('allowed');
    await local.cloud.attachOperatorPolicy('operator');
    await local.iam('DetachUserPolicy', { UserName: 'operator', PolicyArn });
    expect(await reads(local.cloud.operator)).toBe('AccessDeniedException');
  });

  test('a boundary holds a role down whatever is attached to it', async () => {
    await local.iam('CreatePolicy', { PolicyName: 'only-s3', PolicyDocument: text(allow('s3:*')) });
    const session = await local.session(await local.makeRole('bounded', [allow('*')]));
    expect(await reads(session)).toBe('allowed');
    const PermissionsBoundary = arnOf('policy/only-s3');
    await local.iam('PutRolePermissionsBoundary', { RoleName: 'bounded', PermissionsBoundary });
    expect(await reads(session)).toBe('AccessDeniedException');
    await local.iam('DeleteRolePermissionsBoundary', { RoleName: 'bounded' });
    expect(await reads(session)).toBe('allowed');
  });

  test('to make roles may be tied to a boundary, for their policies too', async () => {
    await local.iam('CreatePolicy', { PolicyName: 'fence', PolicyDocument: text(allow('ssm:*')) });
    const fence = arnOf('policy/fence');
    const condition = { Condition: { StringEquals: { 'iam:PermissionsBoundary': fence } } };
    const maker = await local.session(
      await local.makeRole('maker', [
        allow(['iam:CreateRole', 'iam:PutRolePolicy'], arnOf('role/km-sandbox-*'), condition),
      ]),
    );
    const AssumeRolePolicyDocument = JSON.stringify({
      Statement: [{ Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'sts:AssumeRole' }],
    });
    const make = (RoleName: string, more: Record<string, string> = {}) =>
      failure(local.iam('CreateRole', { RoleName, AssumeRolePolicyDocument, ...more }, maker));
    expect(await make('km-sandbox-1')).toBe('AccessDenied');
    expect(await make('other', { PermissionsBoundary: fence })).toBe('AccessDenied');
    expect(await make('km-sandbox-1', { PermissionsBoundary: fence, Path: '/x/' })).toBe('AccessDenied');
    expect(await make('km-sandbox-1', { PermissionsBoundary: fence })).toBe('allowed');
    const put = (RoleName: string) =>
      failure(
        local.iam('PutRolePolicy', { RoleName, PolicyName: 'p', PolicyDocument: text(allow('*')) }, maker),
      );
    await local.makeRole('km-sandbox-free', []);
    expect(await put('km-sandbox-1')).toBe('allowed');
    expect(await put('km-sandbox-free')).toBe('AccessDenied');
    expect(
      await failure(local.iam('DeleteRolePermissionsBoundary', { RoleName: 'km-sandbox-1' }, maker)),
    ).toBe('AccessDenied');
  });

  test('putting a role into an instance profile needs PassRole to EC2', async () => {
    const target = await local.makeRole('machine', []);
    const may = async (name: string, service: string) => {
      const statements = [
        allow(['iam:CreateInstanceProfile', 'iam:AddRoleToInstanceProfile']),
        allow('iam:PassRole', target, { Condition: { StringEquals: { 'iam:PassedToService': service } } }),
      ];
      const session = await local.session(await local.makeRole(name, statements));
      await local.iam('CreateInstanceProfile', { InstanceProfileName: name }, session);
      const add = { InstanceProfileName: name, RoleName: 'machine' };
      return failure(local.iam('AddRoleToInstanceProfile', add, session));
    };
    expect(await may('passes-to-lambda', 'lambda.amazonaws.com')).toBe('AccessDenied');
    expect(await may('passes-to-ec2', 'ec2.amazonaws.com')).toBe('allowed');
    expect(await failure(local.iam('DeleteRole', { RoleName: 'machine' }))).toBe('DeleteConflict');
  });
});

describe('AssumeRole', () => {
  const assume = async (RoleArn: string, credentials?: Credentials, more = {}) =>
    local.clients(credentials).sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'me', ...more }));
  const trustOf = async (RoleName: string, statement: Partial<PolicyStatement>) => {
    await failure(local.makeRole(RoleName, []));
    const Statement = [
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: ACCOUNT }, ...statement },
    ];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await local.iam('UpdateAssumeRolePolicy', { RoleName, PolicyDocument });
    return arnOf(`role/${RoleName}`);
  };
  const operator = () => local.cloud.operator;
  const operatorArn = arnOf('user/operator');

  test.each<[string, Partial<PolicyStatement>, string]>([
    ['is refused where only the account is trusted and identity is silent', {}, 'AccessDenied'],
    ['needs no identity policy where the user is named', { Principal: { AWS: operatorArn } }, 'allowed'],
    ['is refused where another is named', { Principal: { AWS: arnOf('user/admin') } }, 'AccessDenied'],
    ['is refused where a service is named', { Principal: { Service: 'ec2.amazonaws.com' } }, 'AccessDenied'],
    [
      'is refused under a condition that does not hold',
      { Principal: { AWS: operatorArn }, Condition: { StringEquals: { 'sts:ExternalId': 'x' } } },
      'AccessDenied',
    ],
    [
      'is allowed under one that holds',
      { Principal: { AWS: operatorArn }, Condition: { StringEquals: { 'sts:RoleSessionName': 'me' } } },
      'allowed',
    ],
  ])('%s', async (_, statement, expected) => {
    expect(await failure(assume(await trustOf('trusting', statement), operator()))).toBe(expected);
  });

  test('gives a session for an hour, or for as long as is asked and the role allows', async () => {
    const arn = await trustOf('timed', {});
    const lasts = async (more: object) =>
      Math.round(
        (((await assume(arn, undefined, more)).Credentials?.Expiration?.getTime() ?? 0) - Date.now()) /
          60_000,
      );
    expect(await lasts({})).toBe(60);
    expect(await lasts({ DurationSeconds: 900 })).toBe(15);
    expect(await failure(assume(arn, undefined, { DurationSeconds: 7200 }))).toBe('ValidationError');
    await local.iam('UpdateRole', { RoleName: 'timed', MaxSessionDuration: '7200' });
    expect(await lasts({ DurationSeconds: 7200 })).toBe(120);
  });

  test('by a role is role chaining: at most an hour, and only what both sides allow', async () => {
    const arn = await trustOf('last', {});
    await local.iam('UpdateRole', { RoleName: 'last', MaxSessionDuration: '7200' });
    const first = await local.session(await local.makeRole('first', [allow('sts:AssumeRole', arn)]));
    expect(await failure(assume(arn, first, { DurationSeconds: 7200 }))).toBe('ValidationError');
    const { AssumedRoleUser } = await assume(arn, first);
    expect(AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/last/me`);
  });

  test('is not told apart from a role that does not exist', async () => {
    const missing = assume(arnOf('role/missing'));
    await expect(missing).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('sts:AssumeRole'),
    });
  });

  test('leaves GetCallerIdentity to everyone', async () => {
    const { Arn } = await local.clients(operator()).sts.send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe(operatorArn);
  });
});
