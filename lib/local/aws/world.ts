import { randomUUID } from 'node:crypto';
import { LocalClock } from '../clock.ts';
import type { EventLog } from '../event-log.ts';
import type { AccessKey, Settings } from '../settings.ts';
import { assumeRole } from './assume-role.ts';
import type { KeyRecord } from './authenticate.ts';
import { authorize } from './authorize.ts';
import { AwsError, type Call, type Cloud, notImplemented, type Service } from './cloud.ts';
import type { AwsFaults } from './faults.ts';
import { usersOf } from './iam/records.ts';
import { createServices } from './services.ts';
import type { State } from './state.ts';

export const ACCOUNT_ID = '000000000000';
export const REGION = 'us-east-1';

/** The AWS side of a local cloud at work: its services over its tables. */
export interface World {
  readonly cloud: Cloud;
  readonly services: ReadonlyMap<string, Service>;
  /** Sends one authenticated call to its service, past the faults on demand. */
  dispatch(call: Call): Promise<unknown>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  readonly settings: Settings;
  readonly state: State;
  readonly stateDir: string;
  readonly endpoint: string;
  readonly clock: LocalClock;
  readonly faults: AwsFaults;
  readonly log: EventLog;
  readonly functionEnvironment: Readonly<Record<string, string>>;
}

/** The clock of a state directory, as far ahead as it was left; every advance is kept. */
export const openClock = (state: State): LocalClock => {
  const table = state.table<number>('clock');
  const clock = new LocalClock(table.get('offset') ?? 0);
  clock.onAdvance(() => table.set('offset', clock.offsetMs));
  return clock;
};

/** Makes the two users of a first start: `admin`, who may do anything, and `operator`, who may do nothing yet. */
const ensureUsers = (cloud: Cloud, settings: Settings): void => {
  const users: [string, AccessKey, string[]][] = [
    ['admin', settings.admin, ['arn:aws:iam::aws:policy/AdministratorAccess']],
    ['operator', settings.operator, []],
  ];
  for (const [name, key, attached] of users) {
    if (usersOf(cloud).has(name)) continue;
    usersOf(cloud).set(name, {
      name,
      path: '/',
      id: `AIDA${name.toUpperCase().padEnd(17, 'X')}`,
      arn: `arn:aws:iam::${cloud.accountId}:user/${name}`,
      created: cloud.clock.now(),
      inline: {},
      attached,
      tags: {},
    });
    cloud.table<KeyRecord>('access-keys').set(key.accessKeyId, {
      userName: name,
      secretAccessKey: key.secretAccessKey,
    });
  }
};

/** Puts the services over the tables of a state directory. Nothing runs before `start`. */
export const createWorld = (options: WorldOptions): World => {
  const { settings, state, clock } = options;
  const sessionKey = Buffer.from(settings.sessionKey, 'base64');
  let services: ReadonlyMap<string, Service> = new Map();

  const dispatch = async (call: Call): Promise<unknown> => {
    const service = services.get(call.service);
    if (!service) throw notImplemented(call);
    const { operation, accessKeyId = '' } = call;
    const kill = services.get('lambda')?.killProcess?.(accessKeyId);
    const afterwards = await options.faults.meet({ service: call.service, operation, kill });
    const answer = await service.handle(call);
    await afterwards?.();
    return answer;
  };

  const cloud: Cloud = {
    accountId: ACCOUNT_ID,
    region: REGION,
    clock,
    endpoint: options.endpoint,
    stateDir: options.stateDir,
    functionEnvironment: options.functionEnvironment,
    table: (name) => state.table(name),
    async call(service, operation, input, caller, via) {
      const call = { service, operation, input, caller, requestId: randomUUID(), ...(via ? { via } : {}) };
      try {
        return await dispatch(call);
      } catch (error) {
        // The code alone: a message may quote the input.
        const { code } = asAwsError(error);
        options.log.write('aws_internal', { service, operation, caller: caller.arn, via, error: code });
        throw error;
      }
    },
    authorize: (call, request) => authorize(cloud, call, request),
    assumeRole: (roleArn, sessionName, principal, more) =>
      assumeRole(cloud, sessionKey, { roleArn, sessionName, principal }, more),
    log: (event, fields) => options.log.write(event, fields),
  };

  ensureUsers(cloud, settings);
  services = createServices(cloud);

  return {
    cloud,
    get services() {
      return services;
    },
    dispatch,
    async start() {
      for (const service of services.values()) await service.start?.();
    },
    async stop() {
      for (const service of services.values()) await service.stop?.();
    },
  };
};

/** Every other error is the local cloud's own fault. */
export const asAwsError = (error: unknown): AwsError =>
  error instanceof AwsError
    ? error
    : new AwsError(
        'InternalFailure',
        `The local cloud failed: ${error instanceof Error ? error.message : error}`,
        500,
      );
