import { DescribeStackResourcesCommand, UpdateStackCommand } from '@aws-sdk/client-cloudformation';
import { EncryptCommand } from '@aws-sdk/client-kms';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT } from './test-cloud.ts';
import { startWorkloadCloud, type WorkloadCloud } from './workload-cloud.ts';

let local: WorkloadCloud;
beforeAll(async () => {
  local = await startWorkloadCloud();
  await local.putCode('reader');
});
afterAll(() => local[Symbol.asyncDispose]());

const allow = (Action: string) => ({ Effect: 'Allow', Action, Resource: '*' });
const document = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });
const NONE = { Ref: 'AWS::NoValue' };

/** A function with its role and its key, of which a parameter decides what they may: policies, environment, lock. */
const TEMPLATE = {
  Parameters: {
    Mode: { Type: 'String', Default: 'stored', AllowedValues: ['stored', 'signing', 'broken'] },
    Name: { Type: 'String' },
  },
  Conditions: {
    Stored: { 'Fn::Equals': [{ Ref: 'Mode' }, 'stored'] },
    Signing: { 'Fn::Not': [{ Condition: 'Stored' }] },
    Broken: { 'Fn::Equals': [{ Ref: 'Mode' }, 'broken'] },
  },
  Resources: {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: { 'Fn::Join': ['-', [{ Ref: 'Name' }, 'role']] },
        AssumeRolePolicyDocument: document({
          Effect: 'Allow',
          Principal: { Service: 'lambda.amazonaws.com' },
          Action: 'sts:AssumeRole',
        }),
        Policies: [
          { PolicyName: 'always', PolicyDocument: document(allow('logs:*')) },
          {
            'Fn::If': [
              'Stored',
              { PolicyName: 'stored', PolicyDocument: document(allow('ssm:GetParameter')) },
              NONE,
            ],
          },
          {
            PolicyName: 'both',
            PolicyDocument: document({
              ...allow(''),
              Action: { 'Fn::If': ['Stored', 'kms:Decrypt', 'kms:Sign'] },
            }),
          },
        ],
      },
    },
    Extra: {
      Type: 'AWS::IAM::Policy',
      Condition: 'Signing',
      Properties: {
        PolicyName: 'extra',
        PolicyDocument: document(allow('kms:GetPublicKey')),
        Roles: [{ Ref: 'Role' }],
      },
    },
    Key: {
      Type: 'AWS::KMS::Key',
      Properties: {
        KeyPolicy: document(
          {
            ...allow('kms:*'),
            Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
          },
          {
            'Fn::If': ['Signing', { ...allow('kms:Encrypt'), Effect: 'Deny', Principal: { AWS: '*' } }, NONE],
          },
        ),
      },
    },
    Function: {
      Type: 'AWS::Lambda::Function',
      DependsOn: 'Key',
      Properties: {
        FunctionName: { Ref: 'Name' },
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Code: { S3Bucket: 'assets', S3Key: 'reader.zip' },
        Environment: {
          Variables: { MODE: { Ref: 'Mode' }, ONLY: { 'Fn::If': ['Stored', 'stored', NONE] } },
        },
      },
    },
    Broken: {
      Type: 'AWS::KMS::Alias',
      Condition: 'Broken',
      DependsOn: 'Function',
      Properties: { AliasName: 'alias/broken', TargetKeyId: 'no-such-key' },
    },
  },
};

const CAPABILITIES = { Capabilities: ['CAPABILITY_NAMED_IAM' as const] };

const begin = async (Name: string) => {
  const parameters = [{ ParameterKey: 'Name', ParameterValue: Name }];
  await local.createStack(Name, TEMPLATE, { ...CAPABILITIES, Parameters: parameters });
  expect((await local.settled(Name)).StackStatus).toBe('CREATE_COMPLETE');
};

const change = async (Name: string, Mode: string): Promise<string | undefined> => {
  await local.cf.send(
    new UpdateStackCommand({
      ...CAPABILITIES,
      StackName: Name,
      UsePreviousTemplate: true,
      Parameters: [
        { ParameterKey: 'Mode', ParameterValue: Mode },
        { ParameterKey: 'Name', UsePreviousValue: true },
      ],
    }),
  );
  return (await local.settled(Name)).StackStatus;
};

const policiesOf = async (Name: string): Promise<string[]> => {
  const answer = await local.iam('ListRolePolicies', { RoleName: `${Name}-role` });
  return [...answer.matchAll(/<member>([^<]+)<\/member>/g)].map(([, name = '']) => name).sort();
};

const actionOf = async (Name: string): Promise<string | undefined> => {
  const answer = await local.iam('GetRolePolicy', { RoleName: `${Name}-role`, PolicyName: 'both' });
  return /kms:\w+/.exec(decodeURIComponent(answer))?.[0];
};

const identityOf = async (Name: string): Promise<string | undefined> =>
  /<RoleId>\w+/.exec(await local.iam('GetRole', { RoleName: `${Name}-role` }))?.[0];

/** The environment that the function's next call sees. */
const environmentOf = async (FunctionName: string): Promise<Record<string, string>> => {
  const { Payload } = await local.lambda.send(new InvokeCommand({ FunctionName, Payload: '{}' }));
  return JSON.parse(Buffer.from(Payload ?? []).toString()).environment;
};

const keyOf = async (Name: string): Promise<string> => {
  const { StackResources = [] } = await local.cf.send(new DescribeStackResourcesCommand({ StackName: Name }));
  return (
    StackResources.find(({ LogicalResourceId }) => LogicalResourceId === 'Key')?.PhysicalResourceId ?? ''
  );
};

const encrypts = async (KeyId: string): Promise<boolean> =>
  local
    .clients()
    .kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))
    .then(
      () => true,
      () => false,
    );

/** All that the parameter decides. */
const lookAt = async (Name: string) => {
  const { MODE, ONLY } = await environmentOf(Name);
  return {
    policies: await policiesOf(Name),
    action: await actionOf(Name),
    environment: { MODE, ONLY },
    encrypts: await encrypts(await keyOf(Name)),
  };
};

const STORED = {
  policies: ['always', 'both', 'stored'],
  action: 'kms:Decrypt',
  environment: { MODE: 'stored', ONLY: 'stored' },
  encrypts: true,
};

describe('an update of one parameter, with the previous template and the other values kept', () => {
  test('changes policies, environment and key policy in place, and back', async () => {
    await begin('inplace');
    expect(await lookAt('inplace')).toEqual(STORED);
    const before = [await identityOf('inplace'), await keyOf('inplace')];

    expect(await change('inplace', 'signing')).toBe('UPDATE_COMPLETE');
    expect(await lookAt('inplace')).toEqual({
      policies: ['always', 'both', 'extra'],
      action: 'kms:Sign',
      environment: { MODE: 'signing' },
      encrypts: false,
    });
    expect([await identityOf('inplace'), await keyOf('inplace')]).toEqual(before);

    expect(await change('inplace', 'stored')).toBe('UPDATE_COMPLETE');
    expect(await lookAt('inplace')).toEqual(STORED);
    expect([await identityOf('inplace'), await keyOf('inplace')]).toEqual(before);
  });

  test('that fails leaves everything as it was', async () => {
    await begin('rolled');
    expect(await change('rolled', 'broken')).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await lookAt('rolled')).toEqual(STORED);
    expect(await change('rolled', 'signing')).toBe('UPDATE_COMPLETE');
  });

  test('to the value that it has is none', async () => {
    await begin('same');
    await expect(change('same', 'stored')).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'No updates are to be performed.',
    });
    await expect(change('same', 'other')).rejects.toMatchObject({ name: 'ValidationError' });
  });
});
