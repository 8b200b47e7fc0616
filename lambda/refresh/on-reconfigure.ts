import { type Reconfigured, reconfigure } from '../../lib/broker/reconfigure.ts';
import { parseReconfigureEvent } from '../../lib/broker/reconfigure-event.ts';
import type { Runtime } from './invocation.ts';

/**
 * Answers a reconfigure event. A bundle of its own, which no refresh loads; see scripts/build.ts.
 *
 * IAM: as `reconfigure` of lib/broker.
 *
 * @throws {KmError} what `parseReconfigureEvent` and `reconfigure` throw.
 */
export const onReconfigure = async (
  { broker, openStacks, log }: Runtime,
  event: unknown,
): Promise<Reconfigured> => {
  const reconfiguration = parseReconfigureEvent(event);
  const answer = await reconfigure(broker, reconfiguration, await openStacks());
  log({
    event: 'sandbox_reconfigured',
    sandbox_id: answer.sandbox_id,
    parameters: Object.keys(reconfiguration.parameters),
    changed: answer.changed,
  });
  return answer;
};
