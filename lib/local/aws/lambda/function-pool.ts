import { randomBytes } from 'node:crypto';
import type { Caller, Cloud } from '../cloud.ts';
import type { InvokeMessage } from './bootstrap.ts';
import { FunctionProcess, type Outcome } from './function-process.ts';
import { type FunctionRecord, sessionName } from './function-store.ts';

/** Processes of one function at a time; further events wait. */
const PROCESSES = 4;
/** An idle process is ended after so long on the machine's clock. */
const IDLE_MS = 5 * 60_000;
/** Credentials with less than this left, beside the function's own time, are not handed to a further event. */
const CREDENTIALS_MARGIN_MS = 5 * 60_000;

interface Worker {
  readonly process: FunctionProcess;
  readonly revision: string;
  /** When its credentials end, on the cloud's clock. */
  readonly expiration: number;
  readonly caller: Caller;
  readonly accessKeyId: string;
  readonly logStream: string;
  idleTimer?: NodeJS.Timeout;
  busy: boolean;
  fresh: boolean;
}

interface Workplace {
  readonly workers: Set<Worker>;
  readonly queue: (() => void)[];
}

/** What an invocation tells beside its outcome. */
export interface Run extends Outcome {
  /** The session of the function's role that it ran with. */
  readonly caller: Caller;
  readonly logStream: string;
  /** The process was started for it. */
  readonly coldStart: boolean;
}

/** A log stream's name, one for each process: `2026/11/20/[$LATEST]…`. */
const logStreamName = (now: number): string =>
  `${new Date(now).toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomBytes(16).toString('hex')}`;

/**
 * Keeps the processes of all functions. A process is used again while the function's revision is the same and its
 * credentials last; it is ended when idle, and all are when the pool is closed.
 */
export class FunctionPool {
  readonly #cloud: Cloud;
  readonly #bootstrapPath: string;
  readonly #places = new Map<string, Workplace>();
  #closed = false;

  constructor(cloud: Cloud, bootstrapPath: string) {
    this.#cloud = cloud;
    this.#bootstrapPath = bootstrapPath;
  }

  /** Runs one event in a process of the function. Rejects only when its role cannot be assumed. */
  async run(
    record: FunctionRecord,
    event: { readonly requestId: string; readonly payload: string },
  ): Promise<Run> {
    const worker = await this.#acquire(record);
    const coldStart = worker.fresh;
    worker.fresh = false;
    const message: InvokeMessage = {
      requestId: event.requestId,
      event: event.payload,
      functionArn: record.arn,
      offsetMs: this.#cloud.clock.offsetMs,
      timeoutMs: record.timeoutSeconds * 1000,
    };
    try {
      const outcome = await worker.process.invoke(message);
      return { ...outcome, coldStart, caller: worker.caller, logStream: worker.logStream };
    } finally {
      this.#release(record.name, worker);
    }
  }

  /** Ends the processes of a function that are idle, and the others as soon as they are. */
  drop(name: string): void {
    for (const worker of this.#place(name).workers) {
      if (!worker.busy) void this.#end(name, worker);
    }
  }

  /** Ends every process, also those at work. */
  async close(): Promise<void> {
    this.#closed = true;
    const ending = [...this.#places].flatMap(([name, { workers }]) =>
      [...workers].map((worker) => this.#end(name, worker)),
    );
    await Promise.all(ending);
  }

  /** Process ids, for those who check that none is left. */
  pids(): number[] {
    return [...this.#places.values()].flatMap(({ workers }) =>
      [...workers].map(({ process }) => process.pid).filter((pid) => pid !== undefined),
    );
  }

  /** What ends the process that was given this access key, whatever it is at; absent when none was. */
  killerOf(accessKeyId: string): (() => Promise<void>) | undefined {
    for (const { workers } of this.#places.values()) {
      for (const worker of workers)
        if (worker.accessKeyId === accessKeyId) return () => worker.process.kill();
    }
    return undefined;
  }

  #place(name: string): Workplace {
    const place = this.#places.get(name) ?? { workers: new Set(), queue: [] };
    this.#places.set(name, place);
    return place;
  }

  async #acquire(record: FunctionRecord): Promise<Worker> {
    const place = this.#place(record.name);
    for (;;) {
      for (const worker of [...place.workers]) {
        if (worker.busy) continue;
        if (this.#usable(worker, record)) {
          clearTimeout(worker.idleTimer);
          worker.busy = true;
          return worker;
        }
        void this.#end(record.name, worker);
      }
      if (place.workers.size < PROCESSES && !this.#closed) {
        const worker = this.#start(record);
        place.workers.add(worker);
        return worker;
      }
      await new Promise<void>((resolve) => place.queue.push(resolve));
    }
  }

  #usable(worker: Worker, record: FunctionRecord): boolean {
    const needed = record.timeoutSeconds * 1000 + CREDENTIALS_MARGIN_MS;
    return (
      worker.process.alive &&
      worker.revision === record.revision &&
      worker.expiration - this.#cloud.clock.now() > needed
    );
  }

  #start(record: FunctionRecord): Worker {
    const cloud = this.#cloud;
    const credentials = cloud.assumeRole(record.roleArn, sessionName(record.name), 'lambda.amazonaws.com', {
      context: { 'aws:SourceArn': record.arn },
    });
    const logStream = logStreamName(cloud.clock.now());
    const environment = {
      ...cloud.functionEnvironment,
      ...record.environment,
      AWS_REGION: cloud.region,
      AWS_DEFAULT_REGION: cloud.region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
      AWS_EXECUTION_ENV: `AWS_Lambda_${record.runtime}`,
      AWS_LAMBDA_FUNCTION_NAME: record.name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(record.memoryMb),
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: record.logGroup,
      AWS_LAMBDA_LOG_STREAM_NAME: logStream,
      LAMBDA_TASK_ROOT: record.code.directory,
      LANG: 'en_US.UTF-8',
      PATH: '/usr/local/bin:/usr/bin:/bin',
      TZ: ':UTC',
      _HANDLER: record.handler,
    };
    const process = new FunctionProcess({
      bootstrapPath: this.#bootstrapPath,
      environment,
      memoryMb: record.memoryMb,
      directory: record.code.directory,
    });
    const { revision } = record;
    const { expiration, caller, accessKeyId } = credentials;
    return { process, revision, expiration, caller, accessKeyId, logStream, busy: true, fresh: true };
  }

  #release(name: string, worker: Worker): void {
    worker.busy = false;
    if (!worker.process.alive || this.#closed) void this.#end(name, worker);
    else {
      worker.idleTimer = setTimeout(() => {
        if (!worker.busy) void this.#end(name, worker);
      }, IDLE_MS).unref();
    }
    this.#place(name).queue.shift()?.();
  }

  async #end(name: string, worker: Worker): Promise<void> {
    clearTimeout(worker.idleTimer);
    this.#place(name).workers.delete(worker);
    await worker.process.kill();
  }
}
