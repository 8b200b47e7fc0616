import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionEventInvokeConfigCommand,
  InvokeCommand,
  ListEventSourceMappingsCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorkloadCloud, until, type WorkloadCloud } from './workload-cloud.ts';

const MINUTE = 60_000;
let local: WorkloadCloud;

beforeAll(async () => {
  local = await startWorkloadCloud();
});
afterAll(() => local[Symbol.asyncDispose]());

const invokeAsync = async (FunctionName: string, event: object): Promise<void> => {
  const command = new InvokeCommand({
    FunctionName,
    InvocationType: 'Event',
    Payload: JSON.stringify(event),
  });
  const { StatusCode, Payload } = await local.lambda.send(command);
  expect([StatusCode, Payload?.length ?? 0]).toEqual([202, 0]);
};

/** How often the function was started, by its log. */
const starts = async (name: string): Promise<number> => {
  const input = { logGroupName: `/aws/lambda/${name}`, filterPattern: 'START' };
  const { events } = await local.json('logs', 'FilterLogEvents', input).catch(() => ({ events: [] }));
  return events.length;
};

const started = (name: string, times: number) =>
  until(async () => ((await starts(name)) >= times ? true : undefined));

const makeQueue = async (QueueName: string, Attributes: Record<string, string> = {}) => {
  const { QueueUrl } = await local.json('sqs', 'CreateQueue', { QueueName, Attributes });
  return { url: QueueUrl as string, arn: `arn:aws:sqs:us-east-1:000000000000:${QueueName}` };
};

const receive = async (QueueUrl: string) => {
  const { Messages = [] } = await local.json('sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
  return Messages.map(({ Body }: { Body: string }) => JSON.parse(Body));
};

describe('an asynchronous invocation', () => {
  test('that fails is tried again after one minute and after two, and then no more', async () => {
    await local.makeFunction('twice');
    await invokeAsync('twice', { throw: 'always' });
    await started('twice', 1);
    await local.cloud.clock.advance(59_000);
    expect(await starts('twice')).toBe(1);
    await local.cloud.clock.advance(2_000);
    expect(await starts('twice')).toBe(2);
    await local.cloud.clock.advance(110_000);
    expect(await starts('twice')).toBe(2);
    await local.cloud.clock.advance(20_000);
    expect(await starts('twice')).toBe(3);
    await local.cloud.clock.advance(60 * MINUTE);
    expect(await starts('twice')).toBe(3);
  });

  test('that fails in the end goes to its destination with the whole story', async () => {
    await local.makeFunction('told');
    const queue = await makeQueue('failures');
    await local.lambda.send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName: 'told',
        MaximumRetryAttempts: 0,
        DestinationConfig: { OnFailure: { Destination: queue.arn } },
      }),
    );
    await invokeAsync('told', { throw: 'no luck', sandbox_id: 'sb-1' });
    const [record] = await until(async () => {
      const records = await receive(queue.url);
      return records.length > 0 ? records : undefined;
    });
    expect(record).toEqual({
      version: '1.0',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      requestContext: {
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:told:$LATEST',
        condition: 'RetriesExhausted',
        approximateInvokeCount: 1,
      },
      requestPayload: { throw: 'no luck', sandbox_id: 'sb-1' },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: { errorType: 'WantedError', errorMessage: 'no luck', trace: expect.any(Array) },
    });
  });

  test('that gets too old goes to its destination as such', async () => {
    await local.makeFunction('aged');
    const queue = await makeQueue('aged-failures');
    await local.lambda.send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName: 'aged',
        MaximumEventAgeInSeconds: 60,
        DestinationConfig: { OnFailure: { Destination: queue.arn } },
      }),
    );
    await invokeAsync('aged', { throw: 'x' });
    await started('aged', 1);
    await local.cloud.clock.advance(2 * MINUTE);
    const records = await receive(queue.url);
    expect(records).toMatchObject([{ requestContext: { condition: 'EventAgeExceeded' } }]);
  });

  test('that succeeds can go to a destination, too', async () => {
    await local.makeFunction('glad');
    const queue = await makeQueue('successes');
    const DestinationConfig = { OnSuccess: { Destination: queue.arn } };
    await local.lambda.send(
      new PutFunctionEventInvokeConfigCommand({ FunctionName: 'glad', DestinationConfig }),
    );
    await invokeAsync('glad', { hello: 1 });
    const [record] = await until(async () => {
      const records = await receive(queue.url);
      return records.length > 0 ? records : undefined;
    });
    expect(record.requestContext).toMatchObject({ condition: 'Success', approximateInvokeCount: 1 });
    expect(record.responsePayload.event).toEqual({ hello: 1 });
  });
});

describe('an event invoke configuration', () => {
  test('is described as it was put, and deleted once', async () => {
    await local.makeFunction('configured');
    const FunctionName = 'configured';
    await local.lambda.send(
      new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 1 }),
    );
    const described = await local.lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }));
    expect(described).toMatchObject({ MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 21_600 });
    expect(described.LastModified).toBeInstanceOf(Date);
    await local.lambda.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName }));
    await expect(
      local.lambda.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('is refused when the function may not send to its destination', async () => {
    const Role = await local.serviceRole('mute', 'lambda.amazonaws.com', []);
    await local.makeFunction('mute', { Role });
    const queue = await makeQueue('unreachable');
    await expect(
      local.lambda.send(
        new PutFunctionEventInvokeConfigCommand({
          FunctionName: 'mute',
          DestinationConfig: { OnFailure: { Destination: queue.arn } },
        }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  });
});

describe('an event source mapping', () => {
  test('hands the function messages, and deletes those it has done', async () => {
    await local.makeFunction('worker');
    const queue = await makeQueue('work', { VisibilityTimeout: '120' });
    const { UUID } = await local.lambda.send(
      new CreateEventSourceMappingCommand({
        FunctionName: 'worker',
        EventSourceArn: queue.arn,
        BatchSize: 1,
      }),
    );
    await local.json('sqs', 'SendMessage', { QueueUrl: queue.url, MessageBody: '{"log":"seen it"}' });
    await started('worker', 1);
    await until(async () => {
      const { Attributes } = await local.json('sqs', 'GetQueueAttributes', {
        QueueUrl: queue.url,
        AttributeNames: ['All'],
      });
      const left =
        Number(Attributes.ApproximateNumberOfMessages) +
        Number(Attributes.ApproximateNumberOfMessagesNotVisible);
      return left === 0 ? true : undefined;
    });
    const { EventSourceMappings } = await local.lambda.send(
      new ListEventSourceMappingsCommand({ FunctionName: 'worker' }),
    );
    expect(EventSourceMappings).toMatchObject([
      { UUID, BatchSize: 1, State: 'Enabled', EventSourceArn: queue.arn },
    ]);
    await local.lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
    const after = await local.lambda.send(new ListEventSourceMappingsCommand({}));
    expect(after.EventSourceMappings?.some((mapping) => mapping.UUID === UUID)).toBe(false);
  });

  test.each([
    ['throws', { throw: 'again' }],
    ['reports it as failed', { failItems: true }],
  ])(
    'gives a message again after the visibility timeout when the function %s, until it is a dead letter',
    async (_, body) => {
      const name = `retry-${Object.keys(body)[0]}`;
      await local.makeFunction(name);
      const dead = await makeQueue(`${name}-dead`);
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 3 });
      const queue = await makeQueue(name, { VisibilityTimeout: '120', RedrivePolicy });
      await local.lambda.send(
        new CreateEventSourceMappingCommand({
          FunctionName: name,
          EventSourceArn: queue.arn,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
        }),
      );
      await local.json('sqs', 'SendMessage', { QueueUrl: queue.url, MessageBody: JSON.stringify(body) });
      await started(name, 1);
      await local.cloud.clock.advance(121_000);
      expect(await starts(name)).toBe(2);
      await local.cloud.clock.advance(10 * MINUTE);
      expect(await starts(name)).toBe(3);
      expect(await receive(dead.url)).toEqual([body]);
    },
  );

  test('is refused for a queue that the function may not read', async () => {
    const Role = await local.serviceRole('blind', 'lambda.amazonaws.com', []);
    await local.makeFunction('blind', { Role });
    const queue = await makeQueue('unseen');
    const command = new CreateEventSourceMappingCommand({ FunctionName: 'blind', EventSourceArn: queue.arn });
    await expect(local.lambda.send(command)).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringContaining('sqs:ReceiveMessage'),
    });
  });
});

test('a failed event comes back through a retry queue until it succeeds', async () => {
  const arn = await local.makeFunction('refresher');
  const queue = await makeQueue('retry', { VisibilityTimeout: '120' });
  await local.lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: arn,
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: queue.arn } },
    }),
  );
  await local.lambda.send(
    new CreateEventSourceMappingCommand({ FunctionName: arn, EventSourceArn: queue.arn, BatchSize: 1 }),
  );
  await invokeAsync('refresher', { throw: 'GitHub is down' });
  await started('refresher', 2);
  await local.cloud.clock.advance(121_000);
  expect(await starts('refresher')).toBe(3);
  const healed = "exports.handler = async () => console.log('healed');";
  await local.putCode('refresher', healed);
  await local.lambda.send(
    new UpdateFunctionCodeCommand({ FunctionName: arn, S3Bucket: 'assets', S3Key: 'refresher.zip' }),
  );
  await local.cloud.clock.advance(121_000);
  await local.cloud.clock.advance(30 * MINUTE);
  expect(await starts('refresher')).toBe(4);
});
