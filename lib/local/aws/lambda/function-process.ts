import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { bootstrap, type InvokeMessage, type ProcessMessage } from './bootstrap.ts';

/** How a function's process is started. */
export interface ProcessOptions {
  /** The file written by `writeBootstrap`. */
  readonly bootstrapPath: string;
  /** The process's whole environment: nothing of the parent's is added. */
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  /** `LAMBDA_TASK_ROOT`, where the process runs. */
  readonly directory: string;
}

type Result = Extract<ProcessMessage, { kind: 'result' }>;

/** How an invocation ended. */
export interface Outcome {
  /** JSON: the handler's result, or `{errorType, errorMessage, trace?}`. */
  readonly payload: string;
  readonly failed: boolean;
  readonly lines: readonly string[];
  readonly durationMs: number;
  readonly rssBytes: number;
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html */
const INIT_LIMIT_MS = 10_000;

/** Writes the program that function processes run. */
export function writeBootstrap(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, `(${bootstrap.toString()})();\n`, { mode: 0o600 });
}

/**
 * One execution environment of a function: an own `node` process that handles one event at a time.
 * Whatever the function does, `invoke` resolves; after a crash or a timeout the process is gone (`alive` is false).
 */
export class FunctionProcess {
  readonly #child: ChildProcess;
  readonly #ready: Promise<void>;
  readonly #ended: Promise<void>;
  #lines: string[] = [];
  #finish: ((result: Result) => void) | undefined;
  #exit: string | undefined;

  constructor(options: ProcessOptions) {
    this.#child = fork(options.bootstrapPath, [], {
      cwd: options.directory,
      env: { ...options.environment },
      execPath: process.execPath,
      execArgv: [`--max-old-space-size=${options.memoryMb}`, '--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    let ready = (): void => {};
    this.#ready = new Promise((resolve) => {
      ready = resolve;
    });
    this.#child.on('message', (message: ProcessMessage) => {
      if (message.kind === 'ready') ready();
      else if (message.kind === 'log')
        this.#lines.push(...message.text.split('\n').filter((line) => line !== ''));
      else {
        if (message.last) this.#exit ??= 'exit status 129';
        this.#finish?.(message);
      }
    });
    // what node itself writes as it dies
    for (const pipe of [this.#child.stdout, this.#child.stderr]) {
      pipe?.setEncoding('utf8').on('data', (text: string) => {
        this.#lines.push(...text.split('\n').filter((line) => line !== ''));
      });
    }
    this.#ended = new Promise((resolve) => {
      const end = (reason: string): void => {
        this.#exit ??= reason;
        ready();
        resolve();
      };
      this.#child.on('error', (error) => end(error.message));
      this.#child.on('exit', (code, signal) =>
        end(signal === null ? `exit status ${code}` : `signal: ${signal}`),
      );
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get alive(): boolean {
    return this.#exit === undefined;
  }

  /** Ends the process at once, and resolves when it is gone. */
  async kill(): Promise<void> {
    if (this.alive) this.#child.kill('SIGKILL');
    await this.#ended;
  }

  async invoke(message: InvokeMessage): Promise<Outcome> {
    const start = performance.now();
    const ended = (failed: boolean, payload: string, rssBytes = 0): Outcome => {
      const lines = this.#lines;
      this.#lines = [];
      return { payload, failed, lines, rssBytes, durationMs: performance.now() - start };
    };
    const failure = (errorType: string, text: string): Outcome => {
      this.#lines.push(`${message.requestId} ${text}`);
      return ended(
        true,
        JSON.stringify({ errorType, errorMessage: `RequestId: ${message.requestId} Error: ${text}` }),
      );
    };
    const timedOut = async (ms: number): Promise<Outcome> => {
      await this.kill();
      return failure('Sandbox.Timedout', `Task timed out after ${(ms / 1000).toFixed(2)} seconds`);
    };
    if ((await within(INIT_LIMIT_MS, this.#ready)) === 'late') return timedOut(INIT_LIMIT_MS);
    const result = new Promise<Result>((resolve) => {
      this.#finish = resolve;
    });
    if (this.alive) this.#child.send(message, () => {});
    const first = await within(message.timeoutMs, Promise.race([result, this.#ended]));
    this.#finish = undefined;
    if (first === 'late') return timedOut(message.timeoutMs);
    if (first === undefined) return failure('Runtime.ExitError', `Runtime exited with error: ${this.#exit}`);
    if (first.last) await this.#ended;
    return ended(first.failed, first.payload, first.rssBytes);
  }
}

/** What `work` gives, or `late` when that takes longer than `ms`. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
