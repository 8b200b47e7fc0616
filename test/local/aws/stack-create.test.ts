import {
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
  ListStacksCommand,
  UpdateTerminationProtectionCommand,
  ValidateTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorkloadCloud, type WorkloadCloud } from './workload-cloud.ts';

let local: WorkloadCloud;

beforeAll(async () => {
  local = await startWorkloadCloud();
});
afterAll(() => local[Symbol.asyncDispose]());

const NAMED_IAM = { Capabilities: ['CAPABILITY_NAMED_IAM' as const] };

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

describe('looking at stacks', () => {
  test('deleted ones are found by their id only', async () => {
    const StackId = await local.createStack('departed', { Resources: { A: group() } });
    await local.settled('departed');
    await local.cf.send(new DeleteStackCommand({ StackName: 'departed' }));
    const stack = await local.settled(StackId);
    expect(stack).toMatchObject({ StackStatus: 'DELETE_COMPLETE', StackName: 'departed' });
    expect(stack.DeletionTime).toBeInstanceOf(Date);
    await expect(local.settled('departed')).rejects.toMatchObject({
      message: 'Stack with id departed does not exist',
    });
    const { StackSummaries } = await local.cf.send(
      new ListStacksCommand({ StackStatusFilter: ['DELETE_COMPLETE'] }),
    );
    expect(StackSummaries?.map((summary) => summary.StackId)).toContain(StackId);
    const { Stacks } = await local.cf.send(new DescribeStacksCommand({}));
    expect(Stacks?.map((each) => each.StackName)).not.toContain('departed');
  });

  test('their template comes back as it was sent, and resources and events are listed', async () => {
    const template = { Resources: { A: group() }, Outputs: { Name: { Value: { Ref: 'A' } } } };
    await local.createStack('looked-at', template);
    await local.settled('looked-at');
    const { TemplateBody } = await local.cf.send(new GetTemplateCommand({ StackName: 'looked-at' }));
    expect(TemplateBody).toBe(JSON.stringify(template));
    const { StackResourceSummaries } = await local.cf.send(
      new ListStackResourcesCommand({ StackName: 'looked-at' }),
    );
    expect(StackResourceSummaries).toMatchObject([
      {
        LogicalResourceId: 'A',
        ResourceType: 'AWS::Logs::LogGroup',
        ResourceStatus: 'CREATE_COMPLETE',
        PhysicalResourceId: expect.stringMatching(/^looked-at-A-[A-Z0-9]{12}$/),
      },
    ]);
    const { StackEvents } = await local.cf.send(new DescribeStackEventsCommand({ StackName: 'looked-at' }));
    expect(StackEvents?.[0]).toMatchObject({
      LogicalResourceId: 'looked-at',
      ResourceStatus: 'CREATE_COMPLETE',
    });
    expect(StackEvents?.at(-1)).toMatchObject({
      LogicalResourceId: 'looked-at',
      ResourceStatus: 'CREATE_IN_PROGRESS',
    });
  });

  test('events and stacks come in pages of 100', async () => {
    const many = Array.from({ length: 60 }, (_, index) => [`R${index}`, group()]);
    await local.createStack('long', { Resources: Object.fromEntries(many) });
    await local.settled('long');
    const first = await local.cf.send(new DescribeStackEventsCommand({ StackName: 'long' }));
    const { NextToken } = first;
    const second = await local.cf.send(new DescribeStackEventsCommand({ StackName: 'long', NextToken }));
    expect(first.StackEvents).toHaveLength(100);
    // two of the stack, three of each resource
    expect(second.StackEvents).toHaveLength(82);
    expect(second.NextToken).toBeUndefined();
  });

  test('ValidateTemplate tells parameters and capabilities', async () => {
    const TemplateBody = JSON.stringify({
      Parameters: { P: { Type: 'String', Default: 'd', Description: 'a parameter' } },
      Resources: { A: { Type: 'AWS::IAM::Role' } },
    });
    expect(await local.cf.send(new ValidateTemplateCommand({ TemplateBody }))).toMatchObject({
      Parameters: [{ ParameterKey: 'P', DefaultValue: 'd', NoEcho: false, Description: 'a parameter' }],
      Capabilities: ['CAPABILITY_IAM'],
    });
  });
});

test('a protected stack is not deleted until its protection is lifted', async () => {
  const StackId = await local.createStack(
    'kept',
    { Resources: { A: group() } },
    { EnableTerminationProtection: true },
  );
  await local.settled('kept');
  const remove = () => local.cf.send(new DeleteStackCommand({ StackName: 'kept' }));
  await expect(remove()).rejects.toMatchObject({
    message: expect.stringContaining('TerminationProtection is enabled'),
  });
  await local.cf.send(
    new UpdateTerminationProtectionCommand({ StackName: 'kept', EnableTerminationProtection: false }),
  );
  await remove();
  expect((await local.settled(StackId)).StackStatus).toBe('DELETE_COMPLETE');
});

test('every resource type is made from a template, and unmade', async () => {
  await local.putCode('all');
  const document = (Action: string) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
  });
  const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
  const FlexibleTimeWindow = { Mode: 'OFF' };
  const Resources = {
    Key: {
      Type: 'AWS::KMS::Key',
      Properties: { EnableKeyRotation: true, PendingWindowInDays: 7, Description: 'a key' },
    },
    Alias: { Type: 'AWS::KMS::Alias', Properties: { AliasName: 'alias/all', TargetKeyId: arn('Key') } },
    Boundary: {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: {
        ManagedPolicyName: 'all-boundary',
        Description: '',
        Path: '/',
        PolicyDocument: document('*'),
      },
    },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'all-role',
        AssumeRolePolicyDocument: trust('lambda.amazonaws.com'),
        PermissionsBoundary: { Ref: 'Boundary' },
        ManagedPolicyArns: [{ Ref: 'Boundary' }],
        Policies: [{ PolicyName: 'inline', PolicyDocument: document('sqs:*') }],
      },
    },
    Policy: {
      Type: 'AWS::IAM::Policy',
      Properties: { PolicyName: 'more', PolicyDocument: document('logs:*'), Roles: [{ Ref: 'Role' }] },
    },
    Profile: {
      Type: 'AWS::IAM::InstanceProfile',
      Properties: { InstanceProfileName: 'all-profile', Roles: [{ Ref: 'Role' }] },
    },
    Planner: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: trust('scheduler.amazonaws.com'),
        Policies: [{ PolicyName: 'p', PolicyDocument: document('lambda:InvokeFunction') }],
      },
    },
    Logs: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'all-logs', RetentionInDays: 30 } },
    Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'all-dead' } },
    Queue: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: 'all-queue',
        VisibilityTimeout: 120,
        RedrivePolicy: { deadLetterTargetArn: arn('Dead'), maxReceiveCount: 7 },
      },
    },
    QueuePolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'Queue' }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Deny',
              Principal: '*',
              Action: 'sqs:*',
              Resource: arn('Queue'),
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            },
          ],
        },
      },
    },
    Alarm: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmName: 'all-alarm',
        Namespace: 'AWS/SQS',
        MetricName: 'M',
        Period: 60,
        Statistic: 'Maximum',
        Threshold: 1,
        EvaluationPeriods: 1,
        ComparisonOperator: 'GreaterThanThreshold',
      },
    },
    Function: {
      Type: 'AWS::Lambda::Function',
      DependsOn: ['Policy'],
      Properties: {
        FunctionName: 'all-function',
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: arn('Role'),
        Timeout: 60,
        MemorySize: 512,
        Architectures: ['arm64'],
        Code: { S3Bucket: 'assets', S3Key: 'all.zip' },
        Environment: { Variables: { A: '1' } },
        LoggingConfig: { LogGroup: { Ref: 'Logs' } },
      },
    },
    Invokes: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: {
        FunctionName: { Ref: 'Function' },
        Qualifier: '$LATEST',
        MaximumRetryAttempts: 0,
        MaximumEventAgeInSeconds: 900,
        DestinationConfig: { OnFailure: { Destination: arn('Queue') } },
      },
    },
    Source: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        FunctionName: { Ref: 'Function' },
        EventSourceArn: arn('Queue'),
        BatchSize: 1,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
    },
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: { Ref: 'Function' },
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
      },
    },
    Group: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: 'all-group' } },
    Schedule: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        Name: 'all-schedule',
        GroupName: { Ref: 'Group' },
        ScheduleExpression: 'rate(45 minutes)',
        StartDate: '2999-01-01T00:00:00Z',
        FlexibleTimeWindow,
        Target: { Arn: arn('Function'), RoleArn: arn('Planner'), Input: '{}' },
      },
    },
    Custom: {
      Type: 'Custom::Thing',
      Properties: { ServiceToken: arn('Function'), Count: 1, Deep: { List: [true, 'x'] } },
    },
  };
  const Outputs = { Kind: { Value: { 'Fn::GetAtt': ['Custom', 'Kind'] } }, Id: { Value: { Ref: 'Custom' } } };
  const StackId = await local.createStack('all', { Resources, Outputs }, NAMED_IAM);
  const stack = await local.settled(StackId);
  expect(stack.StackStatusReason).toBeUndefined();
  expect(stack.StackStatus).toBe('CREATE_COMPLETE');
  expect(stack.Outputs).toEqual([
    { OutputKey: 'Kind', OutputValue: 'Create' },
    { OutputKey: 'Id', OutputValue: 'custom-1' },
  ]);

  const { events } = await local.json('logs', 'FilterLogEvents', {
    logGroupName: 'all-logs',
    filterPattern: '"stack event"',
  });
  const event = JSON.parse(events[0].message.replace(/^.*stack event /, ''));
  expect(event).toMatchObject({
    RequestType: 'Create',
    StackId,
    LogicalResourceId: 'Custom',
    ResourceType: 'Custom::Thing',
    ResourceProperties: { Count: '1', Deep: { List: ['true', 'x'] } },
  });
  expect(event.ResponseURL.startsWith(`${local.cloud.url}/`)).toBe(true);
  const late = await fetch(event.ResponseURL, { method: 'PUT', body: '{"Status":"SUCCESS"}' });
  expect(late.status).toBe(403);

  await local.cf.send(new DeleteStackCommand({ StackName: 'all' }));
  expect((await local.settled(StackId)).StackStatus).toBe('DELETE_COMPLETE');
  await expect(local.iam('GetRole', { RoleName: 'all-role' })).rejects.toMatchObject({
    name: 'NoSuchEntity',
  });
  await expect(local.json('sqs', 'GetQueueUrl', { QueueName: 'all-queue' })).rejects.toMatchObject({
    name: 'QueueDoesNotExist',
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
