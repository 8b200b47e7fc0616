import { KmError } from '../errors.ts';
import { parseGuardPolicy } from '../guard/guard-policy.ts';
import { parseEgressPolicy } from '../profile/egress-policy.ts';
import { type EventFields, exactly, isObject, type Reader, readEvent, shown } from './read-event.ts';
import { parseRefreshEvent, type RefreshEvent, sandboxId } from './refresh-event.ts';

/** Changes parameters of a sandbox's stack. */
export interface ReconfigureEvent {
  readonly action: 'reconfigure';
  readonly sandbox_id: string;
  /** Stack parameters by name: those that a command of km changes, and no other. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** A reconfigure event whose refresh event is read. */
export interface Reconfiguration {
  readonly sandboxId: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** What the chunks say; absent when they are empty, or stay. */
  readonly event?: RefreshEvent;
}

/** A CloudFormation parameter holds 4,096 bytes; km writes 4,000. */
const MOST_BYTES = 4_000;
const CHUNKS = Array.from({ length: 8 }, (_, index) => `RefreshEvent${index + 1}`);

const isDate = (text: string): boolean => !Number.isNaN(Date.parse(text));
const isMoment = (text: string): boolean =>
  text === '' || (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) && isDate(text));
const isEnd = (text: string): boolean =>
  text === '' || (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text) && isDate(`${text}Z`));

const isGuardPolicy = (text: string): boolean => {
  try {
    parseGuardPolicy(text);
    return true;
  } catch {
    return false;
  }
};

interface Changeable {
  readonly is: (text: string) => boolean;
  readonly must: string;
}

/** What may be changed, and to what. Whatever is not here stays as the stack has it. */
const CHANGEABLE: Readonly<Record<string, Changeable>> = {
  ...Object.fromEntries(CHUNKS.map((name) => [name, { is: () => true, must: '' }])),
  ProfileName: {
    is: (text) => /^[A-Za-z0-9._-]{1,63}$/.test(text),
    must: 'must be the name of a profile',
  },
  GuardPolicy: { is: isGuardPolicy, must: 'must be a guard policy of km' },
  EgressPolicy: {
    is: (text) => parseEgressPolicy(text) !== undefined,
    must: 'must be an egress policy of km',
  },
  UpdatedAt: { is: isMoment, must: 'must be a time such as 2026-11-20T10:00:00Z, or empty' },
  RefreshStart: { is: isMoment, must: 'must be a time such as 2026-11-20T10:00:00Z, or empty' },
  ExpiresAt: { is: isEnd, must: 'must be a time such as 2026-11-20T10:00:00, or empty' },
  Paused: { is: (text) => text === 'true' || text === 'false', must: "must be 'true' or 'false'" },
};

type Complain = Parameters<Reader<unknown>>[1];

const checkParameter = (name: string, value: unknown, complain: Complain): void => {
  const changeable = Object.hasOwn(CHANGEABLE, name) ? CHANGEABLE[name] : undefined;
  if (changeable === undefined) complain(`holds ${shown(name)}, which cannot be changed`);
  else if (typeof value !== 'string') complain(`must be text, not ${shown(value)}`, `.${name}`);
  else if (Buffer.byteLength(value) > MOST_BYTES)
    complain(`must have at most ${MOST_BYTES} bytes`, `.${name}`);
  else if (!changeable.is(value)) complain(`${changeable.must}, not ${shown(value)}`, `.${name}`);
};

const parameters: Reader<Readonly<Record<string, string>>> = (value, complain) => {
  if (!isObject(value) || Object.keys(value).length === 0) {
    complain(`must name the parameters to change, not ${shown(value)}`);
    return undefined;
  }
  for (const [name, text] of Object.entries(value)) checkParameter(name, text, complain);
  const chunks = CHUNKS.filter((name) => Object.hasOwn(value, name));
  if (chunks.length !== 0 && chunks.length !== CHUNKS.length)
    complain(`must hold all of ${CHUNKS[0]} to ${CHUNKS.at(-1)}, or none`);
  // By an empty first one the template knows a sandbox without GitHub.
  if (value[CHUNKS[0] ?? ''] === '' && chunks.some((name) => value[name] !== ''))
    complain('must begin with what is not empty', `.${CHUNKS[0]}`);
  return value as Readonly<Record<string, string>>;
};

const REMEDY = 'Use the km that the platform was deployed with, or km bootstrap it with this one.';
const KIND = { name: 'reconfigure event', remedy: REMEDY };

const RECONFIGURE_EVENT: EventFields<ReconfigureEvent> = {
  action: { read: exactly('reconfigure') },
  sandbox_id: { read: sandboxId },
  parameters: { read: parameters },
};

const invalid = (problem: string): KmError =>
  new KmError('ErrRefreshEventInvalid', `Invalid ${KIND.name}: RefreshEvent ${problem}`, { remedy: REMEDY });

const eventOf = (text: string, id: string): RefreshEvent => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('is not JSON');
  }
  const event = parseRefreshEvent(value);
  if (event.sandbox_id !== id) throw invalid(`is about ${event.sandbox_id}, not ${id}`);
  return event;
};

/**
 * Reads a reconfigure event. Unknown fields are refused, and every parameter that no command of km changes: the
 * sandbox, its prefix, whom its role trusts and its key stay what they are.
 *
 * @throws {KmError} `ErrRefreshEventInvalid`, naming every bad field and its value.
 */
export const parseReconfigureEvent = (value: unknown): Reconfiguration => {
  const read = readEvent(value, RECONFIGURE_EVENT, KIND);
  const text = CHUNKS.map((name) => read.parameters[name] ?? '').join('');
  return {
    sandboxId: read.sandbox_id,
    parameters: read.parameters,
    ...(text === '' ? {} : { event: eventOf(text, read.sandbox_id) }),
  };
};
