import {
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorkloadCloud, type WorkloadCloud } from './workload-cloud.ts';

let local: WorkloadCloud;

beforeAll(async () => {
  local = await startWorkloadCloud();
});
afterAll(() => local[Symbol.asyncDispose]());

const group = (more: object = {}) => ({ Type: 'AWS::Logs::LogGroup', ...more });

const trust = (Service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }],
});

describe('CreateStack', () => {
  test('makes resources in the order of their dependencies and tells their outputs', async () => {
    const template = {
      Description: 'three in a row',
      Parameters: { Name: { Type: 'String' }, Secret: { Type: 'String', Default: 's', NoEcho: true } },
      Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
      Resources: {
        Third: group({ DependsOn: 'Second' }),
        Second: group({ Properties: { LogGroupName: { 'Fn::Join': ['-', [{ Ref: 'First' }, 'second']] } } }),
        First: group({ Properties: { LogGroupName: { Ref: 'Name' } } }),
        Absent: group({ Condition: 'Never' }),
      },
      Outputs: {
        Arn: { Value: { 'Fn::GetAtt': ['Second', 'Arn'] }, Description: 'of the second' },
        Gone: { Value: { Ref: 'Absent' }, Condition: 'Never' },
      },
    };
    const Parameters = [{ ParameterKey: 'Name', ParameterValue: 'chain' }];
    const Tags = [{ Key: 'km:sandbox-id', Value: 'sb-1' }];
    const StackId = await local.createStack('chain', template, { Parameters, Tags });
    const stack = await local.settled('chain');
    expect(stack).toMatchObject({
      StackId,
      StackName: 'chain',
      StackStatus: 'CREATE_COMPLETE',
      Description: 'three in a row',
      Outputs: [
        {
          OutputKey: 'Arn',
          OutputValue: 'arn:aws:logs:us-east-1:000000000000:log-group:chain-second:*',
          Description: 'of the second',
        },
      ],
      Tags,
      DisableRollback: false,
      EnableTerminationProtection: false,
    });
    expect(stack.Parameters).toEqual([
      { ParameterKey: 'Name', ParameterValue: 'chain' },
      { ParameterKey: 'Secret', ParameterValue: '****' },
    ]);
    const events = await local.events('chain');
    const complete = events.filter((event) => event.endsWith('CREATE_COMPLETE'));
    expect(complete).toEqual(['First', 'Second', 'Third', 'chain'].map((id) => `${id} CREATE_COMPLETE`));
    const { tags } = await local.json('logs', 'ListTagsForResource', {
      resourceArn: 'arn:aws:logs:us-east-1:000000000000:log-group:chain',
    });
    expect(tags).toEqual({ 'km:sandbox-id': 'sb-1' });
  });

  test('makes independent resources at the same time', async () => {
    const ids = ['A', 'B', 'C', 'D'];
    const template = { Resources: Object.fromEntries(ids.map((id) => [id, group()])) };
    await local.createStack('wide', template, { DeploymentConfig: { Mode: 'STANDARD' } });
    await local.settled('wide');
    const events = await local.events('wide');
    const lastStart = Math.max(...ids.map((id) => events.indexOf(`${id} CREATE_IN_PROGRESS`)));
    const firstEnd = Math.min(...ids.map((id) => events.indexOf(`${id} CREATE_COMPLETE`)));
    expect(lastStart).toBeLessThan(firstEnd);
  });

  test.each([
    ['STANDARD', undefined],
    [
      'EXPRESS',
      'Resource operation completed using Express Mode. It may continue becoming available in the background.',
    ],
  ] as const)('%s mode shows in the stack and in the events', async (Mode, reason) => {
    const name = `mode-${Mode}`;
    await local.createStack(
      name,
      { Resources: { A: group() } },
      { DeploymentConfig: { Mode, DisableRollback: false } },
    );
    const stack = await local.settled(name);
    expect(stack.DeploymentConfig).toEqual({ Mode, DisableRollback: false });
    const { StackEvents } = await local.cf.send(new DescribeStackEventsCommand({ StackName: name }));
    const complete = StackEvents?.find(
      (event) => event.LogicalResourceId === 'A' && event.ResourceStatus === 'CREATE_COMPLETE',
    );
    expect(complete?.ResourceStatusReason).toBe(reason);
  });

  test('with a token that it has seen answers the same stack', async () => {
    const input = {
      StackName: 'once',
      TemplateBody: JSON.stringify({ Resources: { A: group() } }),
      ClientRequestToken: 'token-1',
    };
    const one = await local.cf.send(new CreateStackCommand(input));
    const again = await local.cf.send(new CreateStackCommand(input));
    expect(again.StackId).toBe(one.StackId);
    const other = new CreateStackCommand({ ...input, ClientRequestToken: 'token-2' });
    await expect(local.cf.send(other)).rejects.toMatchObject({ name: 'AlreadyExistsException' });
  });

  const role = {
    Type: 'AWS::IAM::Role',
    Properties: { RoleName: 'named', AssumeRolePolicyDocument: trust('lambda.amazonaws.com') },
  };
  const one = { A: group() };
  test.each([
    ['a bad name', { StackName: '1-x' }, one, 'ValidationError', /stackName/],
    [
      'named IAM resources without the capability',
      { Capabilities: ['CAPABILITY_IAM' as const] },
      { A: role },
      'InsufficientCapabilitiesException',
      /CAPABILITY_NAMED_IAM/,
    ],
    [
      'an unknown resource type',
      {},
      { A: { Type: 'AWS::EC2::VPC' } },
      'ValidationError',
      /Unrecognized resource types: \[AWS::EC2::VPC\]/,
    ],
    [
      'an unknown parameter',
      { Parameters: [{ ParameterKey: 'X', ParameterValue: '1' }] },
      one,
      'ValidationError',
      /\[X\] do not exist/,
    ],
    ['an unknown mode', { DeploymentConfig: { Mode: 'WARP' as 'EXPRESS' } }, one, 'ValidationError', /WARP/],
    [
      'both ways to say what happens on failure',
      { OnFailure: 'DELETE' as const, DisableRollback: true },
      one,
      'ValidationError',
      /both OnFailure and DisableRollback/,
    ],
    [
      'a role that CloudFormation cannot assume',
      { RoleARN: 'arn:aws:iam::000000000000:role/nobody' },
      one,
      'ValidationError',
      /cannot be assumed/,
    ],
    [
      'tags that AWS keeps for itself',
      { Tags: [{ Key: 'aws:x', Value: '1' }] },
      one,
      'ValidationError',
      /aws:x/,
    ],
    ['what it does not implement', { TimeoutInMinutes: 5 }, one, 'NotImplemented', /TimeoutInMinutes/],
    ['a template in S3', { TemplateURL: 'https://x' }, one, 'NotImplemented', /TemplateURL/],
  ])('refuses %s', async (_, more, Resources, name, message) => {
    await expect(local.createStack('refused', { Resources }, more)).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
    });
    await expect(local.settled('refused')).rejects.toMatchObject({
      message: 'Stack with id refused does not exist',
    });
  });

  test('refuses a property that it does not know by failing the resource, and rolls back', async () => {
    await local.createStack('extra', { Resources: { A: group({ Properties: { KmsKeyId: 'x' } }) } });
    expect((await local.settled('extra')).StackStatus).toBe('ROLLBACK_COMPLETE');
    const { StackResources } = await local.cf.send(new DescribeStackResourcesCommand({ StackName: 'extra' }));
    const { StackEvents } = await local.cf.send(new DescribeStackEventsCommand({ StackName: 'extra' }));
    expect(StackResources).toMatchObject([{ LogicalResourceId: 'A', ResourceStatus: 'DELETE_COMPLETE' }]);
    expect(StackEvents?.find((event) => event.ResourceStatus === 'CREATE_FAILED')?.ResourceStatusReason).toBe(
      'Properties validation failed for resource A with message: extraneous key [KmsKeyId] is not permitted by the local cloud',
    );
  });
});

describe('who acts', () => {
  test('a stack with a role acts as that role, which the caller must be allowed to pass', async () => {
    const caller = await local.makeRole('stacker', [
      { Effect: 'Allow', Action: 'cloudformation:*', Resource: '*' },
    ]);
    const RoleARN = await local.serviceRole('maker', 'cloudformation.amazonaws.com', [
      { Effect: 'Allow', Action: ['logs:CreateLogGroup', 'logs:DeleteLogGroup'], Resource: '*' },
    ]);
    const { cf } = local.as(await local.session(caller));
    const TemplateBody = JSON.stringify({ Resources: { A: group() } });
    const command = new CreateStackCommand({ StackName: 'delegated', TemplateBody, RoleARN });
    await expect(cf.send(command)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('iam:PassRole'),
    });
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'iam:PassRole',
          Resource: RoleARN,
          Condition: { StringEquals: { 'iam:PassedToService': 'cloudformation.amazonaws.com' } },
        },
      ],
    });
    await local.iam('PutRolePolicy', { RoleName: 'stacker', PolicyName: 'pass', PolicyDocument });
    await cf.send(command);
    expect(await local.settled('delegated')).toMatchObject({ StackStatus: 'CREATE_COMPLETE', RoleARN });
    await cf.send(new DeleteStackCommand({ StackName: 'delegated' }));
  });

  test('a stack without a role acts as its caller, and fails where they may not', async () => {
    const caller = await local.makeRole('powerless', [
      { Effect: 'Allow', Action: 'cloudformation:*', Resource: '*' },
    ]);
    const { cf } = local.as(await local.session(caller));
    const TemplateBody = JSON.stringify({ Resources: { A: group() } });
    await cf.send(new CreateStackCommand({ StackName: 'own', TemplateBody, OnFailure: 'DO_NOTHING' }));
    expect((await local.settled('own')).StackStatus).toBe('CREATE_FAILED');
    const { StackResources } = await cf.send(new DescribeStackResourcesCommand({ StackName: 'own' }));
    expect(StackResources?.[0]?.ResourceStatusReason).toMatch(
      /^Resource handler returned message: "User: .*assumed-role\/powerless\/test is not authorized to perform: logs:CreateLogGroup .*HandlerErrorCode: AccessDenied/,
    );
  });

  test('whoever may not create stacks is refused', async () => {
    const caller = await local.makeRole('outsider', []);
    const { cf } = local.as(await local.session(caller));
    const command = new CreateStackCommand({
      StackName: 'mine',
      TemplateBody: JSON.stringify({ Resources: { A: group() } }),
    });
    await expect(cf.send(command)).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(cf.send(new DescribeStacksCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

test('a template of 51,200 bytes is taken, one byte more is not', async () => {
  const template = { Description: '', Resources: { A: group() } };
  const room = 51_200 - JSON.stringify(template).length;
  await local.createStack('full', { ...template, Description: 'x'.repeat(room) });
  await expect(
    local.createStack('over', { ...template, Description: 'x'.repeat(room + 1) }),
  ).rejects.toMatchObject({ name: 'ValidationError', message: expect.stringContaining('51200') });
});
