import { AwsError, type Call } from './cloud.ts';

/** Refuses a call with a member that the local cloud does not understand: 501, naming it. Nothing is passed over. */
export function acceptMembers(call: Call, members: readonly string[]): void {
  const unknown = Object.keys(call.input ?? {}).filter(
    (name) => call.input[name] !== undefined && !members.includes(name),
  );
  if (unknown.length === 0) return;
  throw new AwsError(
    'NotImplemented',
    `The local cloud does not implement ${unknown.join(', ')} of ${call.service}:${call.operation}`,
    501,
  );
}
