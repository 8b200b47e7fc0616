import {
  type CreateStackCommandInput,
  DescribeStackEventsCommand,
  GetTemplateCommand,
  UpdateStackCommand,
  type UpdateStackCommandInput,
} from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startWorkloadCloud, until, type WorkloadCloud } from './workload-cloud.ts';

let local: WorkloadCloud;
let functionArn = '';
let stacks = 0;
let StackName = '';

beforeAll(async () => {
  local = await startWorkloadCloud();
  functionArn = await local.makeFunction('answering');
});
afterAll(() => local[Symbol.asyncDispose]());
beforeEach(() => {
  stacks += 1;
  StackName = `stack-${stacks}`;
});

const group = (Properties: object = {}, more: object = {}) => ({
  Type: 'AWS::Logs::LogGroup',
  Properties,
  ...more,
});
const failing = (more: object = {}) => ({
  Type: 'AWS::KMS::Alias',
  Properties: { AliasName: 'alias/x', TargetKeyId: 'no-such-key' },
  ...more,
});

const create = async (template: object, more: Partial<CreateStackCommandInput> = {}) => {
  const id = await local.createStack(StackName, template, more);
  await local.settled(id);
  return id;
};

const update = async (template: object, more: Partial<UpdateStackCommandInput> = {}) => {
  await local.cf.send(new UpdateStackCommand({ StackName, TemplateBody: JSON.stringify(template), ...more }));
  return local.settled(StackName);
};

const describeGroups = async (
  prefix: string,
): Promise<{ logGroupName: string; retentionInDays?: number }[]> =>
  (await local.json('logs', 'DescribeLogGroups', { logGroupNamePrefix: prefix })).logGroups;

describe('UpdateStack', () => {
  test('changes what has changed, makes what is new and deletes what is gone', async () => {
    const name = (id: string) => ({ LogGroupName: { 'Fn::Sub': `\${AWS::StackName}-${id}` } });
    await create({
      Resources: {
        Same: group(name('same')),
        Changed: group({ ...name('changed'), RetentionInDays: 1 }),
        Gone: group(name('gone')),
      },
    });
    const stack = await update({
      Resources: {
        Same: group(name('same')),
        Changed: group({ ...name('changed'), RetentionInDays: 30 }),
        New: group(name('new')),
      },
      Outputs: { New: { Value: { Ref: 'New' } } },
    });
    expect(stack).toMatchObject({
      StackStatus: 'UPDATE_COMPLETE',
      Outputs: [{ OutputKey: 'New', OutputValue: `${StackName}-new` }],
    });
    expect(stack.LastUpdatedTime).toBeInstanceOf(Date);
    const found = await describeGroups(`${StackName}-`);
    expect(found.map(({ logGroupName }) => logGroupName).sort()).toEqual(
      ['changed', 'new', 'same'].map((id) => `${StackName}-${id}`),
    );
    expect(found.find(({ logGroupName }) => logGroupName.endsWith('changed'))?.retentionInDays).toBe(30);
    const events = await local.events(StackName);
    const told = events.slice(events.indexOf(`${StackName} UPDATE_IN_PROGRESS`));
    expect(told.toSorted()).toEqual(
      [
        `${StackName} UPDATE_IN_PROGRESS`,
        'Changed UPDATE_IN_PROGRESS',
        'Changed UPDATE_COMPLETE',
        'New CREATE_IN_PROGRESS',
        'New CREATE_IN_PROGRESS',
        'New CREATE_COMPLETE',
        `${StackName} UPDATE_COMPLETE_CLEANUP_IN_PROGRESS`,
        'Gone DELETE_IN_PROGRESS',
        'Gone DELETE_COMPLETE',
        `${StackName} UPDATE_COMPLETE`,
      ].toSorted(),
    );
    const cleanup = told.indexOf(`${StackName} UPDATE_COMPLETE_CLEANUP_IN_PROGRESS`);
    expect(told.indexOf('New CREATE_COMPLETE')).toBeLessThan(cleanup);
    expect(told.indexOf('Gone DELETE_IN_PROGRESS')).toBeGreaterThan(cleanup);
  });

  test('replaces a resource whose name changes, with those that refer to it following, and cleans up', async () => {
    const template = (name: string) => ({
      Resources: {
        A: group({ LogGroupName: `${StackName}-${name}` }),
        B: group({ LogGroupName: { 'Fn::Join': ['-', [{ Ref: 'A' }, 'b']] } }),
      },
    });
    await create(template('one'));
    expect((await update(template('two'))).StackStatus).toBe('UPDATE_COMPLETE');
    const found = await describeGroups(`${StackName}-`);
    expect(found.map(({ logGroupName }) => logGroupName).sort()).toEqual([
      `${StackName}-two`,
      `${StackName}-two-b`,
    ]);
  });

  test('puts changed stack tags on the resources', async () => {
    const template = {
      Resources: {
        R: { Type: 'AWS::SQS::Queue' },
        A: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: `${StackName}-g` } },
      },
    };
    await create(template, { Tags: [{ Key: 'a', Value: '1' }] });
    const stack = await update(template, { Tags: [{ Key: 'a', Value: '2' }] });
    expect(stack).toMatchObject({ StackStatus: 'UPDATE_COMPLETE', Tags: [{ Key: 'a', Value: '2' }] });
  });

  test.each([
    ['the same template', {}],
    ['the same template by name', { TemplateBody: undefined, UsePreviousTemplate: true }],
  ])('with %s has nothing to do', async (_, more) => {
    const template = { Resources: { A: group() }, Outputs: { O: { Value: { Ref: 'A' } } } };
    await create(template);
    await expect(update(template, more)).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'No updates are to be performed.',
    });
    expect((await local.settled(StackName)).StackStatus).toBe('CREATE_COMPLETE');
  });

  test('by a parameter alone updates those resources that it reaches', async () => {
    const template = {
      Parameters: { Days: { Type: 'Number' }, Other: { Type: 'String' } },
      Resources: {
        A: group({ LogGroupName: `${StackName}-a`, RetentionInDays: { Ref: 'Days' } }),
        B: group(),
      },
    };
    const days = (value: string) => ({ ParameterKey: 'Days', ParameterValue: value });
    await create(template, { Parameters: [days('7'), { ParameterKey: 'Other', ParameterValue: 'x' }] });
    const Parameters = [days('14'), { ParameterKey: 'Other', UsePreviousValue: true }];
    const stack = await update(template, { Parameters });
    expect(stack.StackStatus).toBe('UPDATE_COMPLETE');
    expect((await describeGroups(`${StackName}-a`))[0]?.retentionInDays).toBe(14);
    expect(await local.events(StackName)).not.toContain('B UPDATE_IN_PROGRESS');
  });

  test('gives a custom resource its old properties, and a new id is a replacement', async () => {
    const template = (Id: string) => ({
      Resources: { T: { Type: 'Custom::T', Properties: { ServiceToken: functionArn, Id } } },
    });
    const id = await create(template('one'));
    expect((await update(template('two'))).StackStatus).toBe('UPDATE_COMPLETE');
    const input = { logGroupName: '/aws/lambda/answering', filterPattern: `"${id}" "stack event"` };
    const events = await until(async () => {
      const answer = await local.json('logs', 'FilterLogEvents', input);
      return answer.events.length === 3 ? answer.events : undefined;
    });
    const asked = events.map(({ message }: { message: string }) =>
      JSON.parse(message.replace(/^.*stack event /, '')),
    );
    expect(asked).toMatchObject([
      { RequestType: 'Create' },
      {
        RequestType: 'Update',
        PhysicalResourceId: 'one',
        OldResourceProperties: { Id: 'one' },
        ResourceProperties: { Id: 'two' },
      },
      { RequestType: 'Delete', PhysicalResourceId: 'one', ResourceProperties: { Id: 'one' } },
    ]);
  });
});

describe('an update that fails', () => {
  const was = () => ({
    Resources: {
      A: group({ LogGroupName: `${StackName}-a`, RetentionInDays: 7 }),
      B: group({ LogGroupName: `${StackName}-b` }),
    },
  });
  const wanted = () => ({
    Resources: {
      A: group({ LogGroupName: `${StackName}-a`, RetentionInDays: 30 }),
      B: group({ LogGroupName: `${StackName}-b2` }),
      C: group({ LogGroupName: `${StackName}-c` }),
      Bad: failing({ DependsOn: ['A', 'B', 'C'] }),
    },
  });

  test('goes back to what was before, and says why', async () => {
    await create(was());
    const stack = await update(wanted());
    expect(stack.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    const found = await describeGroups(`${StackName}-`);
    expect(found.map(({ logGroupName, retentionInDays }) => [logGroupName, retentionInDays])).toEqual([
      [`${StackName}-a`, 7],
      [`${StackName}-b`, undefined],
    ]);
    const { TemplateBody } = await local.cf.send(new GetTemplateCommand({ StackName }));
    expect(TemplateBody).toBe(JSON.stringify(was()));
    const { StackEvents } = await local.cf.send(new DescribeStackEventsCommand({ StackName }));
    expect(
      StackEvents?.find(({ ResourceStatus }) => ResourceStatus === 'UPDATE_ROLLBACK_IN_PROGRESS')
        ?.ResourceStatusReason,
    ).toBe('The following resource(s) failed to update: [Bad]. ');
    expect((await update({ Resources: { ...was().Resources, D: group() } })).StackStatus).toBe(
      'UPDATE_COMPLETE',
    );
  });

  test('stays as it is with rollback disabled, and can be updated again the same way', async () => {
    const unnamed = { Resources: { A: group({ LogGroupName: `${StackName}-a` }) } };
    await create(unnamed);
    const bad = {
      Resources: {
        ...unnamed.Resources,
        C: group({ LogGroupName: `${StackName}-c` }),
        Bad: failing({ DependsOn: 'C' }),
      },
    };
    expect((await update(bad, { DisableRollback: true })).StackStatus).toBe('UPDATE_FAILED');
    expect(await describeGroups(`${StackName}-`)).toHaveLength(2);
    await expect(update(unnamed)).rejects.toMatchObject({
      message: expect.stringContaining('UPDATE_FAILED state and can not be updated'),
    });
    expect((await update(unnamed, { DisableRollback: true })).StackStatus).toBe('UPDATE_COMPLETE');
    expect(await describeGroups(`${StackName}-`)).toHaveLength(1);
  });

  test('refuses replacements in EXPRESS mode, which does not roll back by itself', async () => {
    await create({ Resources: { A: group({ LogGroupName: `${StackName}-a` }) } });
    const stack = await update(
      { Resources: { A: group({ LogGroupName: `${StackName}-b` }) } },
      { DeploymentConfig: { Mode: 'EXPRESS' } },
    );
    expect(stack.StackStatus).toBe('UPDATE_FAILED');
    const { StackEvents } = await local.cf.send(new DescribeStackEventsCommand({ StackName }));
    expect(
      StackEvents?.find(
        ({ LogicalResourceId, ResourceStatus }) =>
          LogicalResourceId === 'A' && ResourceStatus === 'UPDATE_FAILED',
      )?.ResourceStatusReason,
    ).toBe('Replacement type updates not supported on stack with disable-rollback.');
  });
});

test('a stack that is not there, or at work, or rolled back, is not updated', async () => {
  await expect(update({ Resources: { A: group() } })).rejects.toMatchObject({
    message: `Stack with id ${StackName} does not exist`,
  });
  const silent = {
    Type: 'Custom::T',
    Properties: { ServiceToken: functionArn, Behaviour: 'silent:Create', ServiceTimeout: '30' },
  };
  await local.createStack(StackName, { Resources: { A: silent } });
  await expect(update({ Resources: { A: group() } })).rejects.toMatchObject({
    message: expect.stringContaining('CREATE_IN_PROGRESS state and can not be updated'),
  });
  await local.cloud.clock.advance(60_000);
  await local.settled(StackName);
  await expect(update({ Resources: { A: group() } })).rejects.toMatchObject({
    message: expect.stringContaining('ROLLBACK_COMPLETE state and can not be updated'),
  });
});
