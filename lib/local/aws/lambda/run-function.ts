import type { Cloud } from '../cloud.ts';
import type { FunctionPool, Run } from './function-pool.ts';
import type { FunctionRecord } from './function-store.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const RESPONSE_LIMIT = 6 * 1024 * 1024;

/** One finished invocation, as its callers see it. */
export interface Invocation {
  /** JSON. */
  readonly payload: string;
  readonly failed: boolean;
  /** What it wrote, between START and REPORT. */
  readonly log: string;
}

const report = (record: FunctionRecord, requestId: string, run: Run): string => {
  const ms = run.durationMs;
  const timedOut = run.failed && run.payload.includes('"Sandbox.Timedout"');
  return [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${ms.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(ms)} ms`,
    `Memory Size: ${record.memoryMb} MB`,
    `Max Memory Used: ${Math.round(run.rssBytes / 1024 / 1024)} MB`,
    ...(timedOut ? ['Status: timeout'] : []),
  ].join('\t');
};

/** Writes the lines of an invocation to CloudWatch Logs, as the function's role; what it may not write is lost. */
const writeLog = async (
  cloud: Cloud,
  record: FunctionRecord,
  run: Run,
  lines: readonly string[],
): Promise<void> => {
  const stream = { logGroupName: record.logGroup, logStreamName: run.logStream };
  const call = (operation: string, input: object) => cloud.call('logs', operation, input, run.caller);
  try {
    if (run.coldStart) {
      await call('CreateLogStream', stream).catch(async (error) => {
        if (error.code !== 'ResourceNotFoundException') throw error;
        await call('CreateLogGroup', { logGroupName: record.logGroup });
        await call('CreateLogStream', stream);
      });
    }
    const timestamp = cloud.clock.now();
    await call('PutLogEvents', { ...stream, logEvents: lines.map((message) => ({ timestamp, message })) });
  } catch (error) {
    cloud.log('lambda_log_lost', { function: record.name, message: String((error as Error).message) });
  }
};

/** Runs one event through the function, and logs it. Rejects only when the function's role cannot be assumed. */
export async function runFunction(
  cloud: Cloud,
  pool: FunctionPool,
  record: FunctionRecord,
  event: { readonly requestId: string; readonly payload: string },
): Promise<Invocation> {
  const { requestId } = event;
  const run = await cloud.clock.busy(pool.run(record, event));
  const lines = [
    `START RequestId: ${requestId} Version: $LATEST`,
    ...run.lines,
    `END RequestId: ${requestId}`,
    report(record, requestId, run),
  ];
  await writeLog(cloud, record, run, lines);
  const { failed } = run;
  cloud.log('lambda', { function: record.name, requestId, failed, ms: Math.round(run.durationMs) });
  const log = `${lines.join('\n')}\n`;
  const size = Buffer.byteLength(run.payload);
  if (size <= RESPONSE_LIMIT) return { payload: run.payload, failed, log };
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${RESPONSE_LIMIT} bytes).`;
  const payload = JSON.stringify({ errorType: 'Function.ResponseSizeTooLarge', errorMessage });
  return { payload, failed: true, log };
}
