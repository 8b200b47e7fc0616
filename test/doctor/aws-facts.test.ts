import { expect, test } from 'vitest';
import {
  keyState,
  listKeyAliases,
  listParameters,
  listSchedules,
  readFailures,
  readPlatform,
  readQueue,
} from '../../lib/doctor/aws-facts.ts';
import type { SandboxContext } from '../../lib/sandbox/context.ts';
import { names } from './healthy-facts.ts';

interface Call {
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/** AWS as a list of answers for each operation; an error is thrown. */
function scripted(answers: Readonly<Record<string, readonly unknown[]>>) {
  const calls: Call[] = [];
  const send = async (command: { readonly input: Record<string, unknown> }): Promise<unknown> => {
    const operation = command.constructor.name.replace(/Command$/, '');
    const answer = answers[operation]?.[calls.filter((call) => call.operation === operation).length];
    calls.push({ operation, input: command.input });
    if (answer === undefined) throw new Error(`unexpected ${operation}`);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const context = { names, client: () => ({ send }) } as unknown as SandboxContext;
  return { context, calls };
}

const named = (name: string, message = name): Error => Object.assign(new Error(message), { name });

test('parameters are read over all pages, and no value is asked for', async () => {
  const page = (Name: string) => ({ Parameters: [{ Name, Type: 'String', LastModifiedDate: new Date(7) }] });
  const { context, calls } = scripted({
    DescribeParameters: [{ ...page('/a'), NextToken: 'n' }, page('/b')],
  });
  expect(await listParameters(context, '/')).toEqual(
    ['/a', '/b'].map((name) => ({ name, type: 'String', keyId: '', description: '', lastModified: 7 })),
  );
  expect(calls.map(({ input }) => input.NextToken)).toEqual([undefined, 'n']);
});

test('schedules are read over all pages of the group', async () => {
  const page = (Name: string) => ({ Schedules: [{ Name, State: 'ENABLED' }] });
  const { context, calls } = scripted({ ListSchedules: [{ ...page('a'), NextToken: 'n' }, page('b')] });
  expect([...(await listSchedules(context)).keys()]).toEqual(['a', 'b']);
  expect(calls[1]?.input).toMatchObject({ GroupName: 'km', NextToken: 'n' });
});

test('where there is no schedule group there are no schedules', async () => {
  const { context } = scripted({ ListSchedules: [named('ResourceNotFoundException')] });
  expect(await listSchedules(context)).toEqual(new Map());
});

test("aliases are read over all pages, and only those of sandboxes' keys are kept", async () => {
  const alias = (AliasName: string) => ({ AliasName, TargetKeyId: 'k' });
  const own = names.keyAlias('sb-1234abcd');
  const { context, calls } = scripted({
    ListAliases: [
      { Aliases: [alias('alias/aws/ssm')], Truncated: true, NextMarker: 'm' },
      { Aliases: [alias(own)], Truncated: false },
    ],
  });
  expect(await listKeyAliases(context)).toEqual(new Map([[own, 'k']]));
  expect(calls[1]?.input.Marker).toBe('m');
});

test('a key that KMS does not know is missing; any other error is thrown', async () => {
  expect(await keyState(scripted({ DescribeKey: [named('NotFoundException')] }).context, 'k')).toBe(
    'missing',
  );
  await expect(keyState(scripted({ DescribeKey: [named('Throttled')] }).context, 'k')).rejects.toThrow(
    'Throttled',
  );
});

test('a platform that is not there is undefined; any other error is thrown', async () => {
  const missing = named('ValidationError', 'Stack with id km-platform does not exist');
  expect(await readPlatform(scripted({ DescribeStacks: [missing] }).context)).toBeUndefined();
  const other = scripted({ DescribeStacks: [named('ValidationError', 'no')] }).context;
  await expect(readPlatform(other)).rejects.toThrow('no');
});

test('a stack whose drift nobody looked for is NOT_CHECKED', async () => {
  const { context } = scripted({ DescribeStacks: [{ Stacks: [{ StackStatus: 'CREATE_COMPLETE' }] }] });
  expect(await readPlatform(context)).toEqual({
    status: 'CREATE_COMPLETE',
    outputs: new Map(),
    drift: 'NOT_CHECKED',
  });
});

test('messages that are being worked on count too', async () => {
  const { context } = scripted({
    GetQueueUrl: [{ QueueUrl: 'https://q' }],
    GetQueueAttributes: [
      { Attributes: { ApproximateNumberOfMessages: '2', ApproximateNumberOfMessagesNotVisible: '1' } },
    ],
  });
  expect(await readQueue(context, 'q')).toEqual({ url: 'https://q', messages: 3 });
});

test('a log is read to its end, also past empty pages, and not for ever', async () => {
  const event = { events: [{ timestamp: 5, message: 'x' }] };
  const short = scripted({ FilterLogEvents: [{ events: [], nextToken: 'a' }, event] });
  expect(await readFailures(short.context, 3)).toEqual({ lines: [{ time: 5, message: 'x' }], more: false });
  expect(short.calls[0]?.input).toMatchObject({ startTime: 3, logGroupName: names.logGroup });
  const endless = scripted({ FilterLogEvents: Array.from({ length: 60 }, () => ({ nextToken: 'a' })) });
  expect(await readFailures(endless.context, 0)).toEqual({ lines: [], more: true });
});
