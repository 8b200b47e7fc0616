import { describe, expect, test } from 'vitest';
import { contextOf } from '../../lib/local/aws/policy/context.ts';
import { evaluate } from '../../lib/local/aws/policy/evaluate.ts';
import { synthesize } from './synthesize.ts';
import { ACCOUNT, fill, type Json, names, only, REGION } from './template.ts';

const template = synthesize().platform;
const platform = fill(template);
const topicArn = `arn:aws:sns:${REGION}:${ACCOUNT}:km-alarms`;
const ofType = (type: string) =>
  Object.values(platform.resources).filter((resource) => resource.type === type);
const alarm = (name: string): Json => only(platform, 'AWS::CloudWatch::Alarm', { AlarmName: name });
const metric = (MetricName: string) => ({
  Namespace: 'km',
  MetricName,
  Dimensions: [{ Name: 'Prefix', Value: 'km' }],
});

test.each([
  [
    'a token is older than 50 minutes, ten before it dies',
    'km-token-age',
    {
      ...metric('OldestTokenAge'),
      Statistic: 'Maximum',
      Period: 300,
      Threshold: 3_000,
      ComparisonOperator: 'GreaterThanThreshold',
    },
  ],
  [
    'a token cannot be renewed for a reason that stays',
    'km-permanent-failures',
    {
      ...metric('PermanentFailures'),
      Statistic: 'Maximum',
      Period: 300,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    },
  ],
  [
    'one message is dead',
    'km-refresh-dlq',
    {
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: 'km-refresh-dlq' }],
      Statistic: 'Maximum',
      Period: 60,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    },
  ],
  [
    "GitHub has rejected the App's key once",
    'km-app-key-rejected',
    {
      ...metric('AppKeyRejected'),
      Statistic: 'Sum',
      Period: 300,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    },
  ],
])('an alarm goes off as soon as %s', (_, name, properties) => {
  expect(alarm(name)).toMatchObject({
    ...properties,
    EvaluationPeriods: 1,
    TreatMissingData: 'notBreaching',
  });
});

test.each([
  [
    'a tenth of the refreshes fails',
    'km-failure-rate',
    'IF(failures >= 3, 100 * failures / (failures + FILL(refreshes, 0)), 0)',
    { failures: metric('Failures'), refreshes: metric('Refreshes') },
  ],
  [
    'requests or invocations are throttled',
    'km-throttles',
    'FILL(requests, 0) + FILL(invocations, 0)',
    {
      requests: metric('Throttles'),
      invocations: {
        Namespace: 'AWS/Lambda',
        MetricName: 'Throttles',
        Dimensions: [{ Name: 'FunctionName', Value: names.functionName }],
      },
    },
  ],
])('an alarm goes off when for ten minutes %s', (_, name, expression, metrics) => {
  const { Metrics, ...settings } = alarm(name);
  expect(settings).toMatchObject({
    EvaluationPeriods: 2,
    Threshold: 10,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
  });
  const [returned, ...used] = Metrics;
  expect(returned).toMatchObject({ Expression: expression, ReturnData: true });
  expect(Object.fromEntries(used.map(({ Id, MetricStat }: Json) => [Id, MetricStat.Metric]))).toEqual(
    metrics,
  );
  expect(used.map(({ MetricStat }: Json) => [MetricStat.Period, MetricStat.Stat])).toEqual([
    [300, 'Sum'],
    [300, 'Sum'],
  ]);
});

test('an alarm goes off when no survey has come for a quarter of an hour, and by nothing that a survey finds', () => {
  expect(alarm('km-survey')).toMatchObject({
    ...metric('Sandboxes'),
    Statistic: 'Maximum',
    Period: 300,
    EvaluationPeriods: 3,
    Threshold: 0,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
  });
});

test('every alarm goes to the topic, also when it is over, and says what to do or to read', () => {
  const alarms = ofType('AWS::CloudWatch::Alarm');
  expect(alarms).toHaveLength(7);
  for (const { properties } of alarms) {
    expect(properties).toMatchObject({ AlarmActions: [topicArn], OKActions: [topicArn] });
    expect(properties.AlarmDescription).toMatch(/: (?:km [a-z ID,]+|docs\/scale\.md)\.$/);
  }
});

test.each([
  ['', 0],
  ['ops@example.com', 1],
])('with the address %j, the topic has %i subscriptions', (AlarmEmail, count) => {
  const { resources } = fill(template, { AlarmEmail });
  const subscriptions = Object.values(resources).filter(({ type }) => type === 'AWS::SNS::Subscription');
  expect(subscriptions.map(({ properties }) => properties)).toEqual(
    Array(count).fill({ TopicArn: topicArn, Protocol: 'email', Endpoint: AlarmEmail }),
  );
});

test('an address is one address, or empty', () => {
  const pattern = new RegExp(`^(?:${template.Parameters.AlarmEmail.AllowedPattern})$`);
  for (const good of ['', 'ops@example.com', 'a.b+c@example.com']) expect(good).toMatch(pattern);
  for (const bad of ['ops', 'a@b,c@d', 'a b@c', 'a@b@c', '@b', 'a@']) expect(bad).not.toMatch(pattern);
});

describe('the policy of the topic', () => {
  const { PolicyDocument, Topics } = only(platform, 'AWS::SNS::TopicPolicy');
  const publish = (service: string, context: Readonly<Record<string, string>>) =>
    evaluate({
      action: 'sns:Publish',
      resource: topicArn,
      context: contextOf({ 'aws:SecureTransport': 'true' }, context),
      caller: { kind: 'service', arn: service, principalArn: service, userId: service },
      accountId: ACCOUNT,
      identity: [],
      resourcePolicy: PolicyDocument,
    }).allowed;
  const of = (name: string, account = ACCOUNT) => ({
    'aws:SourceArn': `arn:aws:cloudwatch:${REGION}:${account}:alarm:${name}`,
    'aws:SourceAccount': account,
  });

  test('is that of the alarms, and lets CloudWatch publish them', () => {
    expect(Topics).toEqual([topicArn]);
    for (const { properties } of ofType('AWS::CloudWatch::Alarm')) {
      expect(publish('cloudwatch.amazonaws.com', of(properties.AlarmName))).toBe(true);
    }
  });

  test.each([
    ["another platform's alarm", 'cloudwatch.amazonaws.com', of('acme-token-age')],
    ["another account's alarm", 'cloudwatch.amazonaws.com', of('km-token-age', '999999999999')],
    ['an alarm that does not say whose it is', 'cloudwatch.amazonaws.com', {}],
    ['another service', 'events.amazonaws.com', of('km-token-age')],
    [
      'CloudWatch without TLS',
      'cloudwatch.amazonaws.com',
      { ...of('km-token-age'), 'aws:SecureTransport': 'false' },
    ],
  ])('refuses %s', (_, service, context) => {
    expect(publish(service, context)).toBe(false);
  });
});

describe('the dashboard', () => {
  const { DashboardName, DashboardBody } = only(platform, 'AWS::CloudWatch::Dashboard');
  const { widgets } = JSON.parse(DashboardBody);
  const titled = (title: string) =>
    widgets.find(({ properties }: Json) => properties.title === title).properties;

  test('is named for the platform, and shows at its top how many, how fresh, what fails', () => {
    expect(DashboardName).toBe('km');
    const top = widgets.filter(({ y }: Json) => y === 0).map(({ properties }: Json) => properties.title);
    expect(top).toEqual([
      'Sandboxes',
      'Oldest token, seconds',
      'Without a token for good',
      'Dead letters',
      'Alarms',
    ]);
  });

  test('shows every alarm', () => {
    expect([...titled('Alarms').alarms].sort()).toEqual(
      ofType('AWS::CloudWatch::Alarm')
        .map(({ properties }) => `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:${properties.AlarmName}`)
        .sort(),
    );
  });

  test('splits failures, milliseconds and throttles up by a search for their second dimension', () => {
    const expressionOf = (title: string) => titled(title).metrics[0][0].expression;
    expect(expressionOf('Failures by reason')).toBe(
      `SEARCH('{km,Prefix,Reason} MetricName="Failures" Prefix="km"', 'Sum', 300)`,
    );
    expect(expressionOf('Milliseconds by stage, 99th percentile')).toBe(
      `SEARCH('{km,Prefix,Stage} MetricName="StageMilliseconds" Prefix="km"', 'p99', 300)`,
    );
    expect(expressionOf('Throttled requests by service')).toBe(
      `SEARCH('{km,Prefix,Service} MetricName="Throttles" Prefix="km"', 'Sum', 300)`,
    );
  });

  test("lists the last failures from the refresher's log", () => {
    const { query, view } = titled('Last failures (more: km logs ID)');
    expect(view).toBe('table');
    expect(query).toContain(`SOURCE '${names.logGroup}'`);
    expect(query).toContain('filter event in ["token_generation_failed"');
  });

  test('moves with the prefix', () => {
    const body = only(fill(template, { Prefix: 'acme' }), 'AWS::CloudWatch::Dashboard').DashboardBody;
    expect(body).not.toMatch(/km-|"Prefix","km"|Prefix=\\"km/);
    expect(body).toContain('Prefix=\\"acme\\"');
  });
});
