/** What the cloud sends to a function's process: one event to handle. */
export interface InvokeMessage {
  readonly requestId: string;
  /** JSON. */
  readonly event: string;
  readonly functionArn: string;
  /** How far ahead of the machine `Date` stands in the function, in milliseconds. */
  readonly offsetMs: number;
  readonly timeoutMs: number;
}

/** What a function's process sends back. */
export type ProcessMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'log'; readonly text: string }
  | {
      readonly kind: 'result';
      readonly payload: string;
      readonly failed: boolean;
      readonly rssBytes: number;
      /** The process ends after this one. */
      readonly last: boolean;
    };

/**
 * What runs in the function's own process: loads the handler, and answers one event after the other.
 * It stands alone, since its source text is what the process is given: it uses nothing from outside itself.
 *
 * Ends with the cloud: the process exits when its channel to the parent closes.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
 */
export function bootstrap(): void {
  const send = (message: ProcessMessage): void => void process.send?.(message);
  const environment = process.env;
  let current = '';
  let offsetMs = 0;

  process.on('disconnect', () => process.exit(0));

  const machineNow = Date.now;
  Date.now = () => machineNow() + offsetMs;
  globalThis.Date = new Proxy(Date, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length === 0 ? [target.now()] : given, newTarget),
    apply: (target) => new target(target.now()).toString(),
  });
  globalThis.Date.prototype.constructor = globalThis.Date;

  // by the channel, not by the pipe, so that a line cannot arrive after the result it belongs to
  const forward = (chunk: unknown, encoding?: unknown, done?: unknown): boolean => {
    send({
      kind: 'log',
      text: typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString(),
    });
    const callback = typeof encoding === 'function' ? encoding : done;
    if (typeof callback === 'function') callback();
    return true;
  };
  process.stdout.write = forward;
  process.stderr.write = forward;
  const { format } = process.getBuiltinModule('node:util');
  const levels = { debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR', trace: 'TRACE' };
  for (const [method, level] of Object.entries(levels)) {
    const print = (...values: unknown[]): void => {
      const text = format(...values).replaceAll('\n', '\r');
      forward(`${new Date().toISOString()}\t${current || 'undefined'}\t${level}\t${text}\n`);
    };
    Object.assign(console, { [method]: print });
  }

  const described = (thrown: unknown): string => {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const errorType = thrown instanceof Error ? error.name : typeof thrown;
    return JSON.stringify({ errorType, errorMessage: error.message, trace: (error.stack ?? '').split('\n') });
  };
  const answer = (payload: string, failed: boolean, last = false): void =>
    send({ kind: 'result', payload, failed, last, rssBytes: process.memoryUsage.rss() });
  const crash = (thrown: unknown): void => {
    console.error('Uncaught Exception', described(thrown));
    answer(described(thrown), true, true);
    setImmediate(() => process.exit(129));
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);

  const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

  const load = (): ((event: unknown, context: unknown) => unknown) => {
    const root = environment.LAMBDA_TASK_ROOT ?? '.';
    const handlerName = environment._HANDLER ?? '';
    const dot = handlerName.lastIndexOf('.');
    const [file, exported] = [handlerName.slice(0, dot), handlerName.slice(dot + 1)];
    const { existsSync } = process.getBuiltinModule('node:fs');
    const path = ['.js', '.cjs', '.mjs'].map((extension) => `${root}/${file}${extension}`).find(existsSync);
    if (path === undefined) throw named('Runtime.ImportModuleError', `Error: Cannot find module '${file}'`);
    const loaded = process.getBuiltinModule('node:module').createRequire(path)(path);
    const handler = loaded?.[exported] ?? loaded?.default?.[exported];
    if (typeof handler === 'function') return handler;
    throw named('Runtime.HandlerNotFound', `${handlerName} is undefined or not exported`);
  };

  let handler: ReturnType<typeof load> | undefined;
  let failure: unknown;
  try {
    handler = load();
  } catch (error) {
    failure = error;
  }

  process.on('message', async (message: InvokeMessage) => {
    current = message.requestId;
    offsetMs = message.offsetMs;
    environment._X_AMZN_TRACE_ID = `Root=1-${message.requestId}`;
    const deadline = performance.now() + message.timeoutMs;
    const context = {
      awsRequestId: message.requestId,
      callbackWaitsForEmptyEventLoop: true,
      functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
      functionVersion: environment.AWS_LAMBDA_FUNCTION_VERSION,
      memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
      invokedFunctionArn: message.functionArn,
      logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
      logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
      getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())),
    };
    try {
      if (handler === undefined) throw failure;
      const result = await handler(JSON.parse(message.event), context);
      answer(JSON.stringify(result) ?? 'null', false);
    } catch (error) {
      console.error('Invoke Error', described(error));
      answer(described(error), true);
    }
  });
  send({ kind: 'ready' });
}
