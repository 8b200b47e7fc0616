import { ListStackResourcesCommand, UpdateStackCommand } from '@aws-sdk/client-cloudformation';
import { DescribeKeyCommand, ListResourceTagsCommand } from '@aws-sdk/client-kms';
import { GetFunctionCommand, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { GetScheduleCommand } from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ACCOUNT } from './test-cloud.ts';
import { startWorkloadCloud, type WorkloadCloud } from './workload-cloud.ts';

let local: WorkloadCloud;

beforeAll(async () => {
  local = await startWorkloadCloud();
  await local.putCode('one');
  await local.putCode('two', "exports.handler = async () => 'two';");
});
afterAll(() => local[Symbol.asyncDispose]());

const trust = (...services: string[]) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: services.map((name) => `${name}.amazonaws.com`) },
      Action: 'sts:AssumeRole',
    },
  ],
});
const allow = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});
const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

/** A template whose every resource differs between the versions, but none in what would replace it. */
const template = (version: 'one' | 'two') => {
  const second = version === 'two';
  const Tags = [{ Key: 'own', Value: version }, ...(second ? [] : [{ Key: 'gone', Value: 'x' }])];
  return {
    Resources: {
      Key: { Type: 'AWS::KMS::Key', Properties: { Description: version, EnableKeyRotation: second, Tags } },
      Other: { Type: 'AWS::KMS::Key' },
      Alias: {
        Type: 'AWS::KMS::Alias',
        Properties: { AliasName: 'alias/u', TargetKeyId: { Ref: second ? 'Other' : 'Key' } },
      },
      Managed: {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: { ManagedPolicyName: 'u-managed', PolicyDocument: allow(second ? 'ssm:*' : 'kms:*') },
      },
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: 'u-role',
          Description: version,
          AssumeRolePolicyDocument: second
            ? trust('lambda', 'scheduler', 'ec2')
            : trust('lambda', 'scheduler'),
          Policies: [{ PolicyName: `p-${version}`, PolicyDocument: allow('*') }],
          ManagedPolicyArns: second ? [] : [{ Ref: 'Managed' }],
          ...(second ? { PermissionsBoundary: 'arn:aws:iam::aws:policy/AdministratorAccess' } : {}),
          Tags,
        },
      },
      Spare: {
        Type: 'AWS::IAM::Role',
        Properties: { RoleName: 'u-spare', AssumeRolePolicyDocument: trust('ec2') },
      },
      Policy: {
        Type: 'AWS::IAM::Policy',
        Properties: {
          PolicyName: 'u-policy',
          PolicyDocument: allow('logs:*'),
          Roles: [{ Ref: second ? 'Spare' : 'Role' }],
        },
      },
      Profile: {
        Type: 'AWS::IAM::InstanceProfile',
        Properties: { InstanceProfileName: 'u-profile', Roles: [{ Ref: second ? 'Spare' : 'Role' }] },
      },
      Logs: {
        Type: 'AWS::Logs::LogGroup',
        Properties: { LogGroupName: 'u-logs', Tags, ...(second ? {} : { RetentionInDays: 7 }) },
      },
      Queue: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          QueueName: 'u-queue',
          Tags,
          VisibilityTimeout: second ? 240 : 120,
          ...(second ? {} : { DelaySeconds: 1 }),
        },
      },
      QueuePolicy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: {
          Queues: [{ Ref: 'Queue' }],
          PolicyDocument: { ...allow('sqs:SendMessage'), Id: version },
        },
      },
      Alarm: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: {
          AlarmName: 'u-alarm',
          Namespace: 'N',
          MetricName: 'M',
          Period: 60,
          Statistic: 'Sum',
          Threshold: second ? 2 : 1,
          EvaluationPeriods: 1,
          ComparisonOperator: 'GreaterThanThreshold',
        },
      },
      Topic: {
        Type: 'AWS::SNS::Topic',
        Properties: {
          TopicName: 'u-topic',
          Tags,
          Subscription: [{ Protocol: 'email', Endpoint: `${version}@example.com` }],
          ...(second ? {} : { DisplayName: 'one' }),
        },
      },
      TopicPolicy: {
        Type: 'AWS::SNS::TopicPolicy',
        Properties: {
          Topics: [{ Ref: 'Topic' }],
          PolicyDocument: {
            Version: '2012-10-17',
            Id: version,
            Statement: [
              { Effect: 'Allow', Principal: '*', Action: 'sns:Publish', Resource: { Ref: 'Topic' } },
            ],
          },
        },
      },
      Subscription: {
        Type: 'AWS::SNS::Subscription',
        Properties: {
          TopicArn: { Ref: 'Topic' },
          Protocol: 'sqs',
          Endpoint: arn('Queue'),
          RawMessageDelivery: second,
        },
      },
      Dashboard: {
        Type: 'AWS::CloudWatch::Dashboard',
        Properties: {
          DashboardName: 'u',
          DashboardBody: JSON.stringify({ widgets: [], start: second ? '-PT2H' : '-PT1H' }),
        },
      },
      Function: {
        Type: 'AWS::Lambda::Function',
        DependsOn: 'Role',
        Properties: {
          FunctionName: 'u-function',
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Role: arn('Role'),
          Timeout: second ? 60 : 30,
          Code: { S3Bucket: 'assets', S3Key: `${version}.zip` },
          Tags,
          ...(second ? {} : { Environment: { Variables: { A: '1' } } }),
        },
      },
      Invokes: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: {
          FunctionName: { Ref: 'Function' },
          Qualifier: '$LATEST',
          MaximumRetryAttempts: second ? 1 : 0,
        },
      },
      Source: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          FunctionName: { Ref: 'Function' },
          EventSourceArn: arn('Queue'),
          BatchSize: second ? 5 : 1,
          ...(second ? {} : { FunctionResponseTypes: ['ReportBatchItemFailures'] }),
        },
      },
      Group: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: 'u-group', Tags } },
      Schedule: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          Name: 'u-schedule',
          GroupName: { Ref: 'Group' },
          ScheduleExpression: second ? 'rate(2 hours)' : 'rate(1 hour)',
          StartDate: '2999-01-01T00:00:00Z',
          FlexibleTimeWindow: { Mode: 'OFF' },
          Target: { Arn: arn('Function'), RoleArn: arn('Role') },
        },
      },
    },
  };
};

test('every resource that can change is changed in place, with its tags', async () => {
  const Capabilities = ['CAPABILITY_NAMED_IAM' as const];
  const stackTags = (Value: string) => [{ Key: 'stack', Value }];
  await local.createStack('u', template('one'), {
    Capabilities,
    Tags: [...stackTags('one'), { Key: 'brief', Value: 'x' }],
  });
  expect((await local.settled('u')).StackStatus).toBe('CREATE_COMPLETE');
  const TemplateBody = JSON.stringify(template('two'));
  await local.cf.send(
    new UpdateStackCommand({ StackName: 'u', TemplateBody, Capabilities, Tags: stackTags('two') }),
  );
  expect((await local.settled('u')).StackStatus).toBe('UPDATE_COMPLETE');
  const events = await local.events('u');
  const told = events.slice(events.indexOf('u UPDATE_IN_PROGRESS'));
  expect(told.filter((event) => /CREATE|DELETE|FAILED/.test(event))).toEqual([]);

  const tags = { own: 'two', stack: 'two' };
  const tagList = Object.entries(tags);
  const { kms } = local.clients();
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/u' }));
  expect(KeyMetadata?.Description).toBe('');
  const keyOne = (
    await local.cf.send(new ListStackResourcesCommand({ StackName: 'u' }))
  ).StackResourceSummaries?.find(({ LogicalResourceId }) => LogicalResourceId === 'Key')?.PhysicalResourceId;
  const keyTags = await kms.send(new ListResourceTagsCommand({ KeyId: keyOne ?? '' }));
  expect(keyTags.Tags?.map(({ TagKey, TagValue }) => [TagKey, TagValue]).sort()).toEqual(tagList);

  const role = await local.iam('GetRole', { RoleName: 'u-role' });
  expect(role).toContain('<Description>two</Description>');
  expect(role).toContain('AdministratorAccess');
  expect(role).not.toContain('<Key>gone</Key>');
  expect(await local.iam('ListRolePolicies', { RoleName: 'u-role' })).toContain(
    '<PolicyNames><member>p-two</member></PolicyNames>',
  );
  expect(await local.iam('ListRolePolicies', { RoleName: 'u-spare' })).toContain('u-policy');
  expect(await local.iam('GetInstanceProfile', { InstanceProfileName: 'u-profile' })).toContain(
    '<RoleName>u-spare</RoleName>',
  );

  const { logGroups } = await local.json('logs', 'DescribeLogGroups', { logGroupNamePrefix: 'u-logs' });
  expect(logGroups[0]).not.toHaveProperty('retentionInDays');
  const { QueueUrl } = await local.json('sqs', 'GetQueueUrl', { QueueName: 'u-queue' });
  const { Attributes } = await local.json('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
  expect(Attributes).toMatchObject({ VisibilityTimeout: '240', DelaySeconds: '0' });
  expect(JSON.parse(Attributes.Policy).Id).toBe('two');
  expect((await local.json('sqs', 'ListQueueTags', { QueueUrl })).Tags).toEqual(tags);

  const { DashboardBody } = await local.json('monitoring', 'GetDashboard', { DashboardName: 'u' });
  expect(DashboardBody).toContain('-PT2H');
  const TopicArn = `arn:aws:sns:us-east-1:${ACCOUNT}:u-topic`;
  const topic = await local.query('sns', 'GetTopicAttributes', { TopicArn });
  expect(topic).toContain('<key>DisplayName</key><value></value>');
  expect(topic).toContain('&quot;Id&quot;:&quot;two&quot;');
  const topicTags = await local.query('sns', 'ListTagsForResource', { ResourceArn: TopicArn });
  for (const [key, value] of tagList) expect(topicTags).toContain(`<Key>${key}</Key><Value>${value}</Value>`);
  expect(topicTags).not.toContain('<Key>gone</Key>');
  const subscriptions = await local.query('sns', 'ListSubscriptionsByTopic', { TopicArn });
  expect([...subscriptions.matchAll(/<Endpoint>([^<]*)</g)].map(([, endpoint]) => endpoint).sort()).toEqual([
    `arn:aws:sqs:us-east-1:${ACCOUNT}:u-queue`,
    'two@example.com',
  ]);
  const SubscriptionArn = /<SubscriptionArn>(arn:[^<]*)</.exec(subscriptions)?.[1] ?? '';
  expect(await local.query('sns', 'GetSubscriptionAttributes', { SubscriptionArn })).toContain(
    '<key>RawMessageDelivery</key><value>true</value>',
  );

  const { Configuration, Tags } = await local.lambda.send(
    new GetFunctionCommand({ FunctionName: 'u-function' }),
  );
  expect(Configuration).toMatchObject({ Timeout: 60 });
  expect(Configuration?.Environment).toBeUndefined();
  expect(Tags).toEqual(tags);
  const { EventSourceMappings } = await local.lambda.send(
    new ListEventSourceMappingsCommand({ FunctionName: 'u-function' }),
  );
  expect(EventSourceMappings).toMatchObject([{ BatchSize: 5, FunctionResponseTypes: [] }]);
  const schedule = await local.scheduler.send(
    new GetScheduleCommand({ Name: 'u-schedule', GroupName: 'u-group' }),
  );
  expect(schedule.ScheduleExpression).toBe('rate(2 hours)');
});
