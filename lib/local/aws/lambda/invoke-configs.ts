import { acceptMembers } from '../accept-members.ts';
import { AwsError, type Call } from '../cloud.ts';
import { authorize, invalid, type LambdaRoom } from './function-requests.ts';
import type { EventInvokeConfig } from './function-store.ts';

const QUEUE = /^arn:aws:sqs:[a-z0-9-]+:\d{12}:[\w-]{1,80}$/;

const destination = (given: { Destination?: string } | undefined): string | undefined => {
  const arn = given?.Destination;
  if (arn === undefined || QUEUE.test(arn)) return arn;
  throw invalid(`The destination ${arn} is not supported by the local cloud: only SQS queues are.`);
};

const view = (arn: string, config: EventInvokeConfig): object => ({
  FunctionArn: `${arn}:$LATEST`,
  LastModified: new Date(config.lastModified),
  MaximumRetryAttempts: config.maximumRetryAttempts,
  MaximumEventAgeInSeconds: config.maximumEventAgeSeconds,
  DestinationConfig: {
    OnFailure: config.onFailure === undefined ? {} : { Destination: config.onFailure },
    OnSuccess: config.onSuccess === undefined ? {} : { Destination: config.onSuccess },
  },
});

const only$Latest = (call: Call): void => {
  const { Qualifier = '$LATEST' } = call.input;
  if (Qualifier !== '$LATEST')
    throw new AwsError('ResourceNotFoundException', `Function not found: ${Qualifier}`, 404);
};

/** https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html */
export function putFunctionEventInvokeConfig(room: LambdaRoom, call: Call): object {
  acceptMembers(call, [
    'FunctionName',
    'Qualifier',
    'MaximumRetryAttempts',
    'MaximumEventAgeInSeconds',
    'DestinationConfig',
  ]);
  authorize(room, call);
  only$Latest(call);
  const { MaximumRetryAttempts = 2, MaximumEventAgeInSeconds = 21_600, DestinationConfig } = call.input;
  const record = room.store.get(call.input.FunctionName);
  if (!(MaximumRetryAttempts >= 0 && MaximumRetryAttempts <= 2))
    throw invalid('MaximumRetryAttempts must be 0, 1 or 2');
  if (!(MaximumEventAgeInSeconds >= 60 && MaximumEventAgeInSeconds <= 21_600)) {
    throw invalid('MaximumEventAgeInSeconds must be between 60 and 21600');
  }
  const onFailure = destination(DestinationConfig?.OnFailure);
  const onSuccess = destination(DestinationConfig?.OnSuccess);
  mustBeAllowed(room, record.roleArn, 'sqs:SendMessage', [onFailure, onSuccess]);
  const config: EventInvokeConfig = {
    lastModified: room.cloud.clock.now(),
    maximumRetryAttempts: Number(MaximumRetryAttempts),
    maximumEventAgeSeconds: Number(MaximumEventAgeInSeconds),
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(onSuccess === undefined ? {} : { onSuccess }),
  };
  room.store.setInvokeConfig(record.name, config);
  return view(record.arn, config);
}

/** Lambda refuses a destination or a source that the function's role may not use. */
export function mustBeAllowed(
  { cloud }: LambdaRoom,
  roleArn: string,
  action: string,
  queues: readonly (string | undefined)[],
): void {
  const { caller } = cloud.assumeRole(roleArn, 'lambda-check', 'lambda.amazonaws.com');
  const call = { service: 'sqs', operation: action, input: {}, caller, requestId: '' };
  for (const resource of queues) {
    if (resource === undefined) continue;
    try {
      cloud.authorize(call, { action, resource });
    } catch {
      throw invalid(
        `The function's execution role does not have permissions to call ${action} on ${resource}`,
      );
    }
  }
}

export function getFunctionEventInvokeConfig(room: LambdaRoom, call: Call): object {
  acceptMembers(call, ['FunctionName', 'Qualifier']);
  const arn = authorize(room, call);
  only$Latest(call);
  const config = room.store.ownInvokeConfig(room.store.nameOf(call.input.FunctionName));
  if (config !== undefined) return view(arn, config);
  throw new AwsError(
    'ResourceNotFoundException',
    `The function ${arn} doesn't have an EventInvokeConfig`,
    404,
  );
}

export function deleteFunctionEventInvokeConfig(room: LambdaRoom, call: Call): object {
  acceptMembers(call, ['FunctionName', 'Qualifier']);
  const arn = authorize(room, call);
  only$Latest(call);
  if (room.store.deleteInvokeConfig(room.store.nameOf(call.input.FunctionName))) return {};
  throw new AwsError(
    'ResourceNotFoundException',
    `The function ${arn} doesn't have an EventInvokeConfig`,
    404,
  );
}
