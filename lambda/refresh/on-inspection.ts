import type { Broker } from '../../lib/broker/broker.ts';
import { inspectApp } from '../../lib/broker/inspect-app.ts';
import { parseInspectEvent, parseProbeEvent, parseProveEvent } from '../../lib/broker/inspection-event.ts';
import { probeRepo } from '../../lib/broker/probe-repo.ts';
import { proveApp } from '../../lib/broker/prove-app.ts';
import { unknownEvent } from './lambda-error.ts';

/**
 * Answers an event that asks about the App. A bundle of its own, which no refresh loads; see scripts/build.ts.
 *
 * @throws {KmError} `ErrRefreshEventInvalid`.
 */
export const onInspection = async (
  broker: Broker,
  event: { readonly action?: unknown },
  options: { readonly deadline: number },
): Promise<unknown> => {
  switch (event.action) {
    case 'inspect':
      return inspectApp(broker, parseInspectEvent(event), options);
    case 'prove':
      return proveApp(broker, parseProveEvent(event), options);
    case 'probe':
      return probeRepo(broker, parseProbeEvent(event), options);
    default:
      throw unknownEvent();
  }
};
