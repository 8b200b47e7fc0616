import {
  DeleteStackCommand,
  DescribeStackEventsCommand,
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

const group = (more: object = {}) => ({ Type: 'AWS::Logs::LogGroup', ...more });

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
