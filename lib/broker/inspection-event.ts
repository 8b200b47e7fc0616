import type { InspectEvent, ProbeEvent, ProveEvent } from './inspection.ts';
import { type EventFields, exactly, type Reader, readEvent, shown } from './read-event.ts';
import { ALLOWED_REPO } from './refresh-event.ts';

const LOGIN = /^[A-Za-z0-9_-]{1,100}$/;

const flag: Reader<boolean> = (value, complain) => {
  if (typeof value === 'boolean') return value;
  complain(`must be true or false, not ${shown(value)}`);
  return undefined;
};

const login: Reader<string> = (value, complain) => {
  if (typeof value === 'string' && LOGIN.test(value)) return value;
  complain(`must be the login of an account, not ${shown(value)}`);
  return undefined;
};

const oneRepo: Reader<string> = (value, complain) => {
  if (typeof value === 'string' && ALLOWED_REPO.test(value) && !value.includes('*')) return value;
  complain(`must be owner/name, not ${shown(value)}`);
  return undefined;
};

const INSPECT_EVENT: EventFields<InspectEvent> = {
  action: { read: exactly('inspect') },
  candidate: { read: flag, optional: true },
  rate_limit: { read: flag, optional: true },
};

const PROVE_EVENT: EventFields<ProveEvent> = {
  action: { read: exactly('prove') },
  candidate: { read: flag, optional: true },
  owner: { read: login, optional: true },
};

const PROBE_EVENT: EventFields<ProbeEvent> = {
  action: { read: exactly('probe') },
  repo: { read: oneRepo },
};

const REMEDY = 'Use the km that the platform was deployed with, or km bootstrap it with this one.';

/**
 * Reads an inspect event. Unknown fields are refused.
 *
 * @throws {KmError} `ErrRefreshEventInvalid`, naming every bad field and its value.
 */
export const parseInspectEvent = (value: unknown): InspectEvent =>
  readEvent(value, INSPECT_EVENT, { name: 'inspect event', remedy: REMEDY });

/** Reads a prove event. As {@link parseInspectEvent}. */
export const parseProveEvent = (value: unknown): ProveEvent =>
  readEvent(value, PROVE_EVENT, { name: 'prove event', remedy: REMEDY });

/** Reads a probe event. As {@link parseInspectEvent}. */
export const parseProbeEvent = (value: unknown): ProbeEvent =>
  readEvent(value, PROBE_EVENT, { name: 'probe event', remedy: REMEDY });
