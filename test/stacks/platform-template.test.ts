import { expect, test } from 'vitest';
import { synthesize } from './synthesize.ts';
import { ACCOUNT, fill, keyNamed, names, only, REGION } from './template.ts';

const { platform: template, needsLookUps } = synthesize();
const platform = fill(template);
const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

test('it deploys into any account and region without a look-up', () => {
  expect(needsLookUps).toBe(false);
  expect(Object.keys(template.Parameters)).toEqual(['Prefix', 'Signer', 'AlarmEmail']);
  expect(template.Rules).toBeUndefined();
});

test('the refresher is one ARM64 function on Node 24, of 60 seconds', () => {
  expect(only(platform, 'AWS::Lambda::Function')).toMatchObject({
    FunctionName: 'km-github-token-refresher',
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    Handler: 'index.handler',
    Timeout: 60,
    Environment: { Variables: { KM_PREFIX: 'km', KM_SIGNER: 'parameter' } },
    LoggingConfig: { LogGroup: '/aws/lambda/km-github-token-refresher' },
    Role: `arn:aws:iam::${ACCOUNT}:role/km-refresher-${REGION}`,
  });
  expect(only(platform, 'AWS::Lambda::Function')).not.toHaveProperty('ReservedConcurrentExecutions');
});

test('its logs are kept for 30 days', () => {
  expect(only(platform, 'AWS::Logs::LogGroup')).toEqual({
    LogGroupName: '/aws/lambda/km-github-token-refresher',
    RetentionInDays: 30,
  });
});

test('a failed refresh goes to the retry queue at once, and Lambda itself does not try again', () => {
  expect(only(platform, 'AWS::Lambda::EventInvokeConfig')).toEqual({
    FunctionName: names.functionName,
    Qualifier: '$LATEST',
    MaximumRetryAttempts: 0,
    MaximumEventAgeInSeconds: 780,
    DestinationConfig: { OnFailure: { Destination: arn('sqs', 'km-refresh-retry') } },
  });
});

test('the retry queue redrives every two minutes, and fills the 20-minute overlap, and is through before the next refresh', () => {
  const queue = only(platform, 'AWS::SQS::Queue', { QueueName: 'km-refresh-retry' });
  expect(queue).toMatchObject({
    VisibilityTimeout: 120,
    RedrivePolicy: { deadLetterTargetArn: arn('sqs', 'km-refresh-dlq'), maxReceiveCount: 14 },
  });
  // A message that fails is hidden for 90 to 150 s.
  expect(90 * queue.RedrivePolicy.maxReceiveCount).toBeGreaterThan(19 * 60);
  expect(150 * queue.RedrivePolicy.maxReceiveCount).toBeLessThan(40 * 60);
  expect(only(platform, 'AWS::Lambda::EventSourceMapping')).toEqual({
    EventSourceArn: arn('sqs', 'km-refresh-retry'),
    FunctionName: names.functionName,
    BatchSize: 1,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  });
});

test('every five minutes the refresher looks over the fleet, and a survey that comes late is none', () => {
  expect(only(platform, 'AWS::Scheduler::Schedule')).toMatchObject({
    Name: 'km-survey',
    ScheduleExpression: 'rate(5 minutes)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: {
      Arn: arn('lambda', 'function:km-github-token-refresher'),
      RoleArn: `arn:aws:iam::${ACCOUNT}:role/km-scheduler-${REGION}`,
      Input: '{"action":"survey"}',
      RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 1 },
    },
  });
});

test('both queues are encrypted and refuse whoever comes without TLS', () => {
  const resources = Object.values(platform.resources);
  const queues = resources.filter(({ type }) => type === 'AWS::SQS::Queue');
  const policies = resources.filter(({ type }) => type === 'AWS::SQS::QueuePolicy');
  expect(queues.map(({ properties }) => properties.SqsManagedSseEnabled)).toEqual([true, true]);
  expect(policies.flatMap(({ properties }) => properties.Queues).sort()).toEqual([
    'https://sqs/km-refresh-dlq',
    'https://sqs/km-refresh-retry',
  ]);
  for (const { properties } of policies) {
    expect(properties.PolicyDocument.Statement).toMatchObject([
      {
        Effect: 'Deny',
        Action: 'sqs:*',
        Principal: { AWS: '*' },
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]);
  }
});

test("the key of the App's private key rotates, and can be called back for 30 days", () => {
  expect(keyNamed(platform, names.configKeyAlias).key).toMatchObject({
    EnableKeyRotation: true,
    PendingWindowInDays: 30,
  });
});

test('the shared key of tokens rotates, can be called back for 30 days, and is among the outputs', () => {
  const { arn, key } = keyNamed(platform, names.sharedKeyAlias);
  expect(key).toMatchObject({ EnableKeyRotation: true, PendingWindowInDays: 30 });
  expect(platform.outputs.SharedKeyArn).toBe(arn);
});

test('under another prefix, every name moves with it', () => {
  const other = fill(template, { Prefix: 'acme' });
  const text = JSON.stringify(other.resources);
  expect(only(other, 'AWS::Lambda::Function').FunctionName).toBe('acme-github-token-refresher');
  expect(text).toContain(':parameter/acme/sandbox/*/github-token');
  expect(text).not.toMatch(/parameter\/sandbox|role\/km-|"km-|\/km\//);
});
