import { describe, expect, test } from 'vitest';
import { may, type Subject, serviceMayAssume } from './policies.ts';
import { fillSandbox, OPERATOR_PATTERN, SANDBOX, SANDBOX_PARAMETERS, synthesize } from './synthesize.ts';
import { ACCOUNT, fill, type Json, names, only, REGION } from './template.ts';

const { sandbox: template, sandboxAssets } = synthesize();
const filled = fillSandbox(template);

test('its parameters are the ones that km create fills in, and no others', () => {
  expect(Object.keys(template.Parameters)).toEqual([
    'Prefix',
    'SandboxId',
    'ProfileName',
    'Substrate',
    'TrustedPrincipalArns',
    'RefreshEvent1',
    'RefreshEvent2',
    'RefreshEvent3',
    'RefreshEvent4',
    'RefreshEvent5',
    'RefreshEvent6',
    'RefreshEvent7',
    'RefreshEvent8',
    'GuardPolicy',
    'EgressPolicy',
    'UpdatedAt',
    'RefreshStart',
    'ExpiresAt',
    'Encryption',
    'SharedKeyArn',
    'Paused',
  ]);
});

test('it is sent inline: under 51,200 bytes even as it was indented, without assets, rules or a bootstrap', () => {
  expect(JSON.stringify(template, null, 1).length).toBeLessThan(51_200);
  expect(sandboxAssets).toBe(0);
  expect(Object.keys(template).sort()).toEqual([
    'Conditions',
    'Description',
    'Outputs',
    'Parameters',
    'Resources',
  ]);
  expect(JSON.stringify(template)).not.toMatch(/bootstrap|AWS::SSM::Parameter|AWS::CDK::Metadata/i);
});

test.each([
  ['SandboxId', 'sb-1234abcd', ['', 'sb-1234ABCD', 'sb-1234abcd/x', 'Sb-1234abcd', 'sb-1234abcd\n']],
  ['ProfileName', 'my-profile', ['', 'a b', 'a)', 'ü', 'x'.repeat(64)]],
  ['Prefix', 'km', ['', 'KM', 'km/x', 'aws', '-km']],
  [
    'SharedKeyArn',
    'arn:aws:kms:eu-central-1:111122223333:key/0a-1b',
    ['*', 'alias/km-github-tokens', 'arn:aws:kms:eu-central-1:111122223333:key/*'],
  ],
  ['RefreshStart', '2026-11-20T10:45:00Z', ['2026-11-20T10:45:00', 'now', '2026-11-20T10:45:00Z)']],
  ['ExpiresAt', '2026-11-20T14:00:00', ['2026-11-20T14:00:00Z', '2026-11-20T14:00:00)']],
])('%s takes what km create sends and refuses what could mean something else', (name, good, bad) => {
  const pattern = new RegExp(`^(?:${template.Parameters[name].AllowedPattern})$`);
  expect(good).toMatch(pattern);
  for (const value of bad) expect(value).not.toMatch(pattern);
});

test('the key rotates, is gone seven days after the sandbox, and says whose it is', () => {
  expect(only(filled, 'AWS::KMS::Key')).toMatchObject({
    EnableKeyRotation: true,
    PendingWindowInDays: 7,
    Tags: [{ Key: 'km:sandbox-id', Value: SANDBOX }],
  });
  expect(only(filled, 'AWS::KMS::Alias').AliasName).toBe(names.keyAlias(SANDBOX));
});

test('the first token is a custom resource of the refresher, which gives up after five minutes', () => {
  expect(only(filled, 'Custom::KmGitHubToken')).toEqual({
    ServiceToken: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${names.functionName}`,
    ServiceTimeout: '300',
    SandboxId: SANDBOX,
    Event: `${SANDBOX_PARAMETERS.RefreshEvent1}${SANDBOX_PARAMETERS.RefreshEvent2}`,
    Paused: 'false',
  });
});

test('the refresh schedule carries the same event every 40 minutes until the end of the sandbox', () => {
  const schedule = only(filled, 'AWS::Scheduler::Schedule', { Name: names.schedule(SANDBOX) });
  expect(schedule).toMatchObject({
    GroupName: 'km',
    ScheduleExpression: 'rate(40 minutes)',
    StartDate: '2026-11-20T10:45:00Z',
    EndDate: '2026-11-20T14:00:00Z',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: {
      Arn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${names.functionName}`,
      RoleArn: `arn:aws:iam::${ACCOUNT}:role/${names.schedulerRole(REGION)}`,
    },
  });
  expect(JSON.parse(schedule.Target.Input)).toMatchObject({ sandbox_id: SANDBOX });
  expect(schedule.State).toBe('ENABLED');
});

test('an event that cannot be delivered is taken up by the retry queue, a deletion by the dead letters', () => {
  const targetOf = (Name: string) => only(filled, 'AWS::Scheduler::Schedule', { Name }).Target;
  expect(targetOf(names.schedule(SANDBOX))).toMatchObject({
    RetryPolicy: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 10 },
    DeadLetterConfig: { Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${names.retryQueue}` },
  });
  expect(targetOf(names.ttlSchedule(SANDBOX))).toMatchObject({
    RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
    DeadLetterConfig: { Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${names.deadLetterQueue}` },
  });
});

test('pausing changes the token and the refresh schedule, which rests without a start of the past', () => {
  const paused = fillSandbox(template, { Paused: 'true' });
  const changed = Object.keys(filled.resources).filter(
    (id) => JSON.stringify(filled.resources[id]) !== JSON.stringify(paused.resources[id]),
  );
  expect(Object.keys(paused.resources)).toEqual(Object.keys(filled.resources));
  expect(changed.sort()).toEqual(['GitHubToken', 'RefreshSchedule']);
  expect(paused.resources.GitHubToken?.properties.Paused).toBe('true');
  expect(paused.resources.RefreshSchedule?.properties).toMatchObject({
    State: 'DISABLED',
    EndDate: '2026-11-20T14:00:00Z',
  });
  expect(paused.resources.RefreshSchedule?.properties).not.toHaveProperty('StartDate');
});

test.each([
  ['extending it', { ExpiresAt: '2026-11-20T18:00:00', RefreshStart: '2026-11-20T13:00:00Z' }],
  ['another profile', { ProfileName: 'other', RefreshEvent1: '{}', RefreshEvent2: '', GuardPolicy: '{}' }],
  ['a life without end', { ExpiresAt: '' }],
])('%s changes neither key nor role: that would take rights over keys and roles', (_, parameters) => {
  const after = fillSandbox(template, parameters);
  for (const id of ['Key', 'KeyAlias', 'Role']) expect(after.resources[id]).toEqual(filled.resources[id]);
});

test('with shared encryption it has no key: its role and its output name the one of the platform', () => {
  const SharedKeyArn = `arn:aws:kms:${REGION}:${ACCOUNT}:key/shared`;
  const shared = fillSandbox(template, { Encryption: 'shared', SharedKeyArn });
  expect(Object.keys(shared.resources).sort()).toEqual([
    'EndOfLifeSchedule',
    'GitHubToken',
    'RefreshSchedule',
    'Role',
  ]);
  expect(shared.outputs.KeyArn).toBe(SharedKeyArn);
  const [{ PolicyDocument }] = only(shared, 'AWS::IAM::Role').Policies;
  expect(PolicyDocument.Statement[1]).toMatchObject({ Action: 'kms:Decrypt', Resource: SharedKeyArn });
  for (const id of ['EndOfLifeSchedule', 'GitHubToken', 'RefreshSchedule']) {
    expect(shared.resources[id]?.properties).toEqual(filled.resources[id]?.properties);
  }
});

test('the end of its time deletes this very stack, and not a later one of the same name', () => {
  const schedule = only(filled, 'AWS::Scheduler::Schedule', { Name: names.ttlSchedule(SANDBOX) });
  expect(schedule.ScheduleExpression).toBe('at(2026-11-20T14:00:00)');
  expect(schedule.Target.Arn).toBe('arn:aws:scheduler:::aws-sdk:cloudformation:deleteStack');
  expect(JSON.parse(schedule.Target.Input)).toEqual({
    StackName: `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/the-stack/1234`,
  });
});

test('deleting goes schedule, token, then what the token needs', () => {
  expect(filled.resources.RefreshSchedule?.dependsOn).toEqual(['GitHubToken']);
  expect(filled.resources.GitHubToken?.dependsOn).toEqual(['KeyAlias', 'Role']);
});

test('nothing outlives the stack', () => {
  for (const { deletionPolicy } of Object.values(filled.resources)) {
    expect([undefined, 'Delete']).toContain(deletionPolicy);
  }
});

test.each([
  ['with GitHub and a TTL', {}, ['EndOfLifeSchedule', 'GitHubToken', 'RefreshSchedule']],
  ['without a TTL', { ExpiresAt: '' }, ['GitHubToken', 'RefreshSchedule']],
  ['too short to need a refresh', { RefreshStart: '' }, ['EndOfLifeSchedule', 'GitHubToken']],
  ['without GitHub', { RefreshEvent1: '', RefreshEvent2: '' }, ['EndOfLifeSchedule']],
  ['without either', { RefreshEvent1: '', ExpiresAt: '' }, []],
  ['on ec2', { Substrate: 'ec2', ExpiresAt: '' }, ['GitHubToken', 'InstanceProfile', 'RefreshSchedule']],
])('a sandbox %s has its key, its role and %s', (_, parameters, more) => {
  const resources = Object.keys(fillSandbox(template, parameters).resources).sort();
  expect(resources).toEqual(['Key', 'KeyAlias', 'Role', ...more].sort());
});

test('without a TTL the refresh schedule has no end', () => {
  const schedule = only(fillSandbox(template, { ExpiresAt: '' }), 'AWS::Scheduler::Schedule');
  expect(schedule).not.toHaveProperty('EndDate');
});

test('the outputs name role, key and, on ec2, the instance profile', () => {
  const outputs = {
    KeyArn: `arn:aws:kms:${REGION}:${ACCOUNT}:key/Key`,
    RoleArn: `arn:aws:iam::${ACCOUNT}:role/km-sandbox-${SANDBOX}`,
  };
  expect(filled.outputs).toEqual(outputs);
  expect(Object.keys(fillSandbox(template, { Substrate: 'ec2' }).outputs).sort()).toEqual([
    'InstanceProfileName',
    'KeyArn',
    'RoleArn',
  ]);
});

describe('who may be the sandbox', () => {
  const roleOn = (Substrate: string, more: Record<string, string> = {}): Json =>
    only(fillSandbox(template, { Substrate, ...more }), 'AWS::IAM::Role');
  const subject = (principalArn: string): Subject => ({
    caller: { kind: 'user', arn: principalArn, principalArn, userId: 'AIDAEXAMPLE' },
    identity: [{ Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' } }],
  });
  const mayAssume = (principalArn: string, role: Json) =>
    may(
      subject(principalArn),
      'sts:AssumeRole',
      `arn:aws:iam::${ACCOUNT}:role/${role.RoleName}`,
      {},
      role.AssumeRolePolicyDocument,
    );

  const services = [
    'ec2.amazonaws.com',
    'ecs-tasks.amazonaws.com',
    'pods.eks.amazonaws.com',
    'lambda.amazonaws.com',
  ];
  test.each([
    ['docker', []],
    ['ec2', ['ec2.amazonaws.com']],
    ['ecs', ['ecs-tasks.amazonaws.com']],
    ['eks', ['pods.eks.amazonaws.com']],
  ])('on %s, of the services %s', (substrate, trusted) => {
    const role = roleOn(substrate);
    expect(services.filter((service) => serviceMayAssume(role, service, ACCOUNT))).toEqual(trusted);
    expect(mayAssume(`arn:aws:iam::${ACCOUNT}:user/dev-anna`, role)).toBe(substrate === 'docker');
  });

  test('on docker, only principals that match the pattern', () => {
    const role = roleOn('docker');
    expect(OPERATOR_PATTERN).toContain('dev-*');
    expect(mayAssume(`arn:aws:iam::${ACCOUNT}:user/ops-bert`, role)).toBe(false);
    expect(mayAssume(`arn:aws:iam::${ACCOUNT}:role/dev-anna`, role)).toBe(false);
  });

  test('on docker with two patterns, principals that match either', () => {
    const role = roleOn('docker', {
      TrustedPrincipalArns: `arn:aws:iam::${ACCOUNT}:user/a,arn:aws:iam::${ACCOUNT}:role/*/b`,
    });
    expect(mayAssume(`arn:aws:iam::${ACCOUNT}:user/a`, role)).toBe(true);
    expect(mayAssume(`arn:aws:iam::${ACCOUNT}:role/path/b`, role)).toBe(true);
    expect(mayAssume(`arn:aws:iam::${ACCOUNT}:user/b`, role)).toBe(false);
  });

  test('on docker without a pattern, no one', () => {
    expect(
      mayAssume(`arn:aws:iam::${ACCOUNT}:user/dev-anna`, roleOn('docker', { TrustedPrincipalArns: '' })),
    ).toBe(false);
  });

  test('on ecs, only for tasks of this account', () => {
    expect(serviceMayAssume(roleOn('ecs'), 'ecs-tasks.amazonaws.com', '999999999999')).toBe(false);
  });

  test('on eks, Pod Identity may tag its sessions', () => {
    expect(roleOn('eks').AssumeRolePolicyDocument.Statement[0].Action).toEqual([
      'sts:AssumeRole',
      'sts:TagSession',
    ]);
  });

  test("its role has the platform's boundary on every substrate", () => {
    for (const substrate of ['docker', 'ec2', 'ecs', 'eks']) {
      expect(roleOn(substrate).PermissionsBoundary).toBe(
        `arn:aws:iam::${ACCOUNT}:policy/${names.sandboxBoundary(REGION)}`,
      );
    }
  });
});

test('under another prefix, every name and parameter moves with it', () => {
  const other = fill(template, { ...SANDBOX_PARAMETERS, Prefix: 'acme' });
  const text = JSON.stringify(other.resources);
  expect(text).toContain(':parameter/acme/sandbox/sb-1234abcd/github-token');
  expect(text).not.toMatch(/parameter\/sandbox|role\/km-|alias\/km-|"km-/);
  expect(text).toContain(`role/acme-scheduler-${REGION}`);
});
