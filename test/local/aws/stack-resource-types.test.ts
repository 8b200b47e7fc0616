import { DeleteStackCommand } from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorkloadCloud, type WorkloadCloud } from './workload-cloud.ts';

let local: WorkloadCloud;

beforeAll(async () => {
  local = await startWorkloadCloud();
});
afterAll(() => local[Symbol.asyncDispose]());

const NAMED_IAM = { Capabilities: ['CAPABILITY_NAMED_IAM' as const] };

const trust = (Service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }],
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
    Topic: {
      Type: 'AWS::SNS::Topic',
      Properties: {
        TopicName: 'all-topic',
        DisplayName: 'all',
        Subscription: [{ Protocol: 'email', Endpoint: 'inline@example.com' }],
      },
    },
    TopicPolicy: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: {
        Topics: [{ Ref: 'Topic' }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'cloudwatch.amazonaws.com' },
              Action: 'sns:Publish',
              Resource: { 'Fn::GetAtt': ['Topic', 'TopicArn'] },
            },
          ],
        },
      },
    },
    Subscription: {
      Type: 'AWS::SNS::Subscription',
      Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'email', Endpoint: 'all@example.com' },
    },
    Dashboard: {
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: { DashboardName: 'all', DashboardBody: '{"widgets":[]}' },
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

  const mails = JSON.parse((await local.admin('GET', 'mail')).text).mails;
  expect(mails.map(({ to }: { to: string }) => to).sort()).toEqual(['all@example.com', 'inline@example.com']);
  const { DashboardBody } = await local.json('monitoring', 'GetDashboard', { DashboardName: 'all' });
  expect(DashboardBody).toBe('{"widgets":[]}');

  await local.cf.send(new DeleteStackCommand({ StackName: 'all' }));
  expect((await local.settled(StackId)).StackStatus).toBe('DELETE_COMPLETE');
  await expect(local.iam('GetRole', { RoleName: 'all-role' })).rejects.toMatchObject({
    name: 'NoSuchEntity',
  });
  await expect(local.json('monitoring', 'GetDashboard', { DashboardName: 'all' })).rejects.toMatchObject({
    name: 'ResourceNotFound',
  });
  await expect(local.json('sqs', 'GetQueueUrl', { QueueName: 'all-queue' })).rejects.toMatchObject({
    name: 'QueueDoesNotExist',
  });
});
