import { randomUUID } from 'node:crypto';
import { acceptMembers } from '../accept-members.ts';
import { AwsError, type Call, type Table } from '../cloud.ts';
import { invalid, type LambdaRoom } from './function-requests.ts';
import { mustBeAllowed } from './invoke-configs.ts';
import { type EventSourceMapping, pollQueue } from './queue-poller.ts';
import { runFunction } from './run-function.ts';

const QUEUE = /^arn:aws:sqs:[a-z0-9-]+:\d{12}:[\w-]{1,80}$/;
const POLLER_ACTIONS = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

const settingsOf = (
  input: Call['input'],
): Pick<EventSourceMapping, 'batchSize' | 'enabled' | 'reportFailures'> => {
  const { BatchSize = 10, Enabled = true, FunctionResponseTypes = [] } = input;
  const types: string[] = FunctionResponseTypes;
  if (!(BatchSize >= 1 && BatchSize <= 10))
    throw invalid('The local cloud supports batches of 1 to 10 messages');
  if (types.some((type) => type !== 'ReportBatchItemFailures'))
    throw invalid('Only ReportBatchItemFailures is known');
  return {
    batchSize: Number(BatchSize),
    enabled: Enabled === true || Enabled === 'true',
    reportFailures: types.length > 0,
  };
};

/** The event source mappings: persisted, each with its poller. */
export class EventSources {
  readonly #room: LambdaRoom;
  readonly #mappings: Table<EventSourceMapping>;
  readonly #pollers = new Map<string, () => void>();

  constructor(room: LambdaRoom) {
    this.#room = room;
    this.#mappings = room.cloud.table('lambda-event-source-mappings');
  }

  start(): void {
    for (const mapping of this.#mappings.values()) this.#poll(mapping);
  }

  stop(): void {
    for (const stop of this.#pollers.values()) stop();
    this.#pollers.clear();
  }

  create(call: Call): object {
    const { cloud, store } = this.#room;
    acceptMembers(call, ['EventSourceArn', 'FunctionName', 'BatchSize', 'Enabled', 'FunctionResponseTypes']);
    const { EventSourceArn, FunctionName } = call.input;
    cloud.authorize(call, {
      action: 'lambda:CreateEventSourceMapping',
      resource: '*',
      context: { 'lambda:FunctionArn': store.arnOf(FunctionName) },
    });
    const record = store.get(FunctionName);
    if (!QUEUE.test(String(EventSourceArn)))
      throw invalid(`Unrecognized event source, must be sqs: ${EventSourceArn}`);
    const settings = settingsOf(call.input);
    for (const action of POLLER_ACTIONS) mustBeAllowed(this.#room, record.roleArn, action, [EventSourceArn]);
    const same = this.#mappings
      .values()
      .find(({ queueArn, functionName }) => queueArn === EventSourceArn && functionName === record.name);
    if (same !== undefined) {
      const message = `An event source mapping with SQS arn (" ${EventSourceArn} ") and function (" ${record.name} ") already exists. Please update or delete the existing mapping with UUID ${same.uuid}`;
      throw new AwsError('ResourceConflictException', message, 409);
    }
    const mapping: EventSourceMapping = {
      uuid: randomUUID(),
      functionName: record.name,
      queueArn: EventSourceArn,
      ...settings,
      lastModified: cloud.clock.now(),
    };
    this.#mappings.set(mapping.uuid, mapping);
    this.#poll(mapping);
    return this.#view(mapping, 'Creating');
  }

  get(call: Call): object {
    acceptMembers(call, ['UUID']);
    return this.#view(this.#authorized(call), 'Enabled');
  }

  list(call: Call): object {
    acceptMembers(call, ['EventSourceArn', 'FunctionName', 'Marker', 'MaxItems']);
    const { EventSourceArn, FunctionName } = call.input;
    this.#room.cloud.authorize(call, { action: 'lambda:ListEventSourceMappings', resource: '*' });
    const name = FunctionName === undefined ? undefined : this.#room.store.nameOf(FunctionName);
    const wanted = this.#mappings
      .values()
      .filter(({ queueArn }) => EventSourceArn === undefined || queueArn === EventSourceArn)
      .filter(({ functionName }) => name === undefined || functionName === name);
    return { EventSourceMappings: wanted.map((mapping) => this.#view(mapping, 'Enabled')) };
  }

  update(call: Call): object {
    acceptMembers(call, ['UUID', 'BatchSize', 'Enabled', 'FunctionResponseTypes']);
    const before = this.#authorized(call);
    const { batchSize, enabled, reportFailures } = before;
    const types = reportFailures ? ['ReportBatchItemFailures'] : [];
    const given = { BatchSize: batchSize, Enabled: enabled, FunctionResponseTypes: types, ...call.input };
    const mapping = { ...before, ...settingsOf(given), lastModified: this.#room.cloud.clock.now() };
    this.#mappings.set(mapping.uuid, mapping);
    this.#stopPolling(mapping);
    this.#poll(mapping);
    return this.#view(mapping, 'Updating');
  }

  delete(call: Call): object {
    acceptMembers(call, ['UUID']);
    const mapping = this.#authorized(call);
    this.#mappings.delete(mapping.uuid);
    this.#stopPolling(mapping);
    return this.#view(mapping, 'Deleting');
  }

  #authorized(call: Call): EventSourceMapping {
    const { cloud, store } = this.#room;
    const { UUID } = call.input;
    const mapping = this.#mappings.get(String(UUID));
    cloud.authorize(call, {
      action: `lambda:${call.operation}`,
      resource: `arn:aws:lambda:${cloud.region}:${cloud.accountId}:event-source-mapping:${UUID}`,
      context: mapping === undefined ? {} : { 'lambda:FunctionArn': store.arnOf(mapping.functionName) },
    });
    if (mapping !== undefined) return mapping;
    throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.', 404);
  }

  #stopPolling({ uuid }: EventSourceMapping): void {
    this.#pollers.get(uuid)?.();
    this.#pollers.delete(uuid);
  }

  #poll(mapping: EventSourceMapping): void {
    if (!mapping.enabled) return;
    const { cloud, store, pool } = this.#room;
    const target = () => store.get(mapping.functionName);
    const stop = pollQueue(cloud, mapping, target, (record, event) =>
      runFunction(cloud, pool, record, event),
    );
    this.#pollers.set(mapping.uuid, stop);
  }

  #view(mapping: EventSourceMapping, state: string): object {
    const { cloud, store } = this.#room;
    return {
      UUID: mapping.uuid,
      EventSourceMappingArn: `arn:aws:lambda:${cloud.region}:${cloud.accountId}:event-source-mapping:${mapping.uuid}`,
      EventSourceArn: mapping.queueArn,
      FunctionArn: store.arnOf(mapping.functionName),
      BatchSize: mapping.batchSize,
      FunctionResponseTypes: mapping.reportFailures ? ['ReportBatchItemFailures'] : [],
      LastModified: new Date(mapping.lastModified),
      State: mapping.enabled ? state : 'Disabled',
      StateTransitionReason: 'USER_INITIATED',
    };
  }
}
