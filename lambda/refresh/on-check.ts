import { type CheckedScope, checkScope } from '../../lib/broker/check-scope.ts';
import { parseCheckEvent } from '../../lib/broker/refresh-event.ts';
import { type Invocation, type Runtime, workDeadline } from './invocation.ts';

/** Answers a check event, a user's problems included. Throws `ErrRefreshEventInvalid`. */
export const onCheck = (runtime: Runtime, event: unknown, invocation: Invocation): Promise<CheckedScope> =>
  checkScope(runtime.broker, parseCheckEvent(event), { deadline: workDeadline(runtime, invocation) });
