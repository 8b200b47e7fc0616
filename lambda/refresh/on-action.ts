import { checkScope } from '../../lib/broker/check-scope.ts';
import { inspectApp } from '../../lib/broker/inspect-app.ts';
import { parseInspectEvent, parseProbeEvent, parseProveEvent } from '../../lib/broker/inspection-event.ts';
import { probeRepo } from '../../lib/broker/probe-repo.ts';
import { proveApp } from '../../lib/broker/prove-app.ts';
import { parseCheckEvent } from '../../lib/broker/refresh-event.ts';
import { type Invocation, type Runtime, workDeadline } from './invocation.ts';
import { unknownEvent } from './lambda-error.ts';

/** What an operator asks, whom the answer tells of every problem: none is an error of the invocation. */
const ACTIONS = {
  check: (broker, event, options) => checkScope(broker, parseCheckEvent(event), options),
  inspect: (broker, event, options) => inspectApp(broker, parseInspectEvent(event), options),
  prove: (broker, event, options) => proveApp(broker, parseProveEvent(event), options),
  probe: (broker, event, options) => probeRepo(broker, parseProbeEvent(event), options),
} as const satisfies Record<
  string,
  (broker: Runtime['broker'], event: unknown, options: { readonly deadline: number }) => Promise<unknown>
>;

/** Answers an event with an `action`. Throws `ErrRefreshEventInvalid`. */
export const onAction = async (
  runtime: Runtime,
  event: { readonly action?: unknown },
  invocation: Invocation,
): Promise<unknown> => {
  const { action } = event;
  if (typeof action !== 'string' || !Object.hasOwn(ACTIONS, action)) throw unknownEvent();
  return ACTIONS[action as keyof typeof ACTIONS](runtime.broker, event, {
    deadline: workDeadline(runtime, invocation),
  });
};
