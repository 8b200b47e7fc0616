import { acceptMembers } from '../accept-members.ts';
import { AwsError, type Call } from '../cloud.ts';
import type { AsyncInvokes } from './async-invokes.ts';
import { authorize, type LambdaRoom } from './function-requests.ts';
import { runFunction } from './run-function.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LIMITS: Readonly<Record<string, number>> = {
  RequestResponse: 6 * 1024 * 1024,
  Event: 1024 * 1024,
  DryRun: 6 * 1024 * 1024,
};
const LOG_TAIL_BYTES = 4096;

const payloadOf = (call: Call, type: string): string => {
  const { Payload } = call.input;
  const text = Payload === undefined || Payload.length === 0 ? '{}' : Payload.toString();
  const size = Buffer.byteLength(text);
  const limit = LIMITS[type] ?? 0;
  if (size > limit) {
    throw new AwsError(
      'RequestTooLargeException',
      `${size} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`,
      413,
    );
  }
  try {
    JSON.parse(text);
  } catch (error) {
    throw new AwsError(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${(error as Error).message}`,
    );
  }
  return text;
};

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export async function invoke(room: LambdaRoom, asyncInvokes: AsyncInvokes, call: Call): Promise<object> {
  acceptMembers(call, ['FunctionName', 'Qualifier', 'InvocationType', 'LogType', 'Payload']);
  const { InvocationType = 'RequestResponse', LogType = 'None' } = call.input;
  if (!Object.hasOwn(LIMITS, InvocationType)) {
    throw new AwsError('InvalidParameterValueException', `Unknown InvocationType ${InvocationType}`);
  }
  authorize(room, call, 'InvokeFunction');
  const record = room.store.get(call.input.FunctionName);
  const payload = payloadOf(call, InvocationType);
  if (InvocationType === 'DryRun') return { StatusCode: 204 };
  if (InvocationType === 'Event') {
    asyncInvokes.add(record, call.requestId, payload);
    return { StatusCode: 202 };
  }
  const result = await runFunction(room.cloud, room.pool, record, { requestId: call.requestId, payload });
  const tail = Buffer.from(result.log).subarray(-LOG_TAIL_BYTES).toString('base64');
  return {
    StatusCode: 200,
    ...(result.failed ? { FunctionError: 'Unhandled' } : {}),
    ...(LogType === 'Tail' ? { LogResult: tail } : {}),
    ExecutedVersion: '$LATEST',
    Payload: result.payload,
  };
}
