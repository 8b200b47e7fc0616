import { checkScope } from '../../lib/broker/check-scope.ts';
import { parseCheckEvent } from '../../lib/broker/refresh-event.ts';
import { type Invocation, type Runtime, workDeadline } from './invocation.ts';
import { unknownEvent } from './lambda-error.ts';

const FLEET: readonly unknown[] = ['revoke', 'survey'];
const INSPECTIONS: readonly unknown[] = ['inspect', 'prove', 'probe'];

/**
 * Answers an event with an `action`: what an operator, or the platform's schedule, asks; the answer tells every problem.
 * None of them is an error of the invocation, but for what keeps a sandbox from being reconfigured.
 *
 * @throws {KmError} `ErrRefreshEventInvalid`; what `onReconfigure` throws.
 */
export const onAction = async (
  runtime: Runtime,
  event: { readonly action?: unknown },
  invocation: Invocation,
): Promise<unknown> => {
  const { action } = event;
  const deadline = workDeadline(runtime, invocation);
  if (action === 'check') return checkScope(runtime.broker, parseCheckEvent(event), { deadline });
  if (FLEET.includes(action)) {
    const { onFleetAction } = await import('./on-fleet-action.ts');
    return onFleetAction(runtime, event, { deadline });
  }
  if (action === 'reconfigure') {
    const { onReconfigure } = await import('./on-reconfigure.ts');
    return onReconfigure(runtime, event);
  }
  if (!INSPECTIONS.includes(action)) throw unknownEvent();
  const { onInspection } = await import('./on-inspection.ts');
  return onInspection(runtime.broker, event, { deadline });
};
