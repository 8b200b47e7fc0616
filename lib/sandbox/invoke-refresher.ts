import { InvokeCommand, LambdaClient, ResourceNotFoundException } from '@aws-sdk/client-lambda';
import { ERROR_FAULTS, type ErrorCode, KmError } from '../errors.ts';
import type { SandboxContext } from './context.ts';

const isErrorCode = (name: unknown): name is ErrorCode =>
  typeof name === 'string' && Object.hasOwn(ERROR_FAULTS, name);

/**
 * Invokes the refresher and returns its answer.
 *
 * Throws `ErrPlatformMissing` when there is none, and the refresher's own error under its own code.
 * {@link https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html}
 */
export async function invokeRefresher(context: SandboxContext, event: unknown): Promise<unknown> {
  const { FunctionError, Payload } = await context
    .client(LambdaClient)
    .send(new InvokeCommand({ FunctionName: context.names.functionName, Payload: JSON.stringify(event) }))
    .catch((error: unknown) => {
      if (error instanceof ResourceNotFoundException) throw platformMissing(context, error);
      throw error;
    });
  const answer: unknown = JSON.parse(Payload?.transformToString() || 'null');
  if (FunctionError === undefined) return answer;
  const { errorType, errorMessage } = answer as { errorType?: unknown; errorMessage?: unknown };
  const message = typeof errorMessage === 'string' ? errorMessage : `The refresher failed: ${FunctionError}`;
  if (isErrorCode(errorType)) throw new KmError(errorType, message);
  throw new KmError('ErrRefreshFailed', message, { remedy: `Read its log group ${context.names.logGroup}.` });
}

/** The error for an account and region without km's platform stack. */
export function platformMissing(context: SandboxContext, cause?: unknown): KmError {
  return new KmError(
    'ErrPlatformMissing',
    `No refresher ${context.names.functionName} in ${context.region}: the platform stack is not there.`,
    { remedy: 'km bootstrap', cause },
  );
}
