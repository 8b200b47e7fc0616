import { KmError } from '../errors.ts';

const MOST_COMPLAINTS = 10;
const FIRST_CHARACTERS = 60;

/** The offending value, short and on one line. An event holds no secret, but may hold anything a caller put there. */
export const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > FIRST_CHARACTERS ? `${text.slice(0, FIRST_CHARACTERS)}…` : text;
};

/** Whether a value is an object with fields. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads one field: takes the value down, or complains about it. Absent fields do not come here. */
export type Reader<T> = (value: unknown, complain: (message: string, at?: string) => void) => T | undefined;

/** A reader for each field of an event. */
export type EventFields<T> = {
  readonly [name in keyof T]-?: { readonly read: Reader<T[name]>; readonly optional?: true };
};

/** Reads a field that can only be one word. */
export const exactly =
  <T extends string>(word: T): Reader<T> =>
  (value, complain) => {
    if (value === word) return word;
    complain(`must be ${JSON.stringify(word)}, not ${shown(value)}`);
    return undefined;
  };

/** What an event is called in a message, and what to do about one that is not right. */
export interface EventKind {
  readonly name: string;
  readonly remedy: string;
}

/**
 * Reads an event field by field. Unknown fields are refused.
 *
 * Written out, since a schema library would be a tenth of the refresher's start (docs/benchmarks.md).
 *
 * @throws {KmError} `ErrRefreshEventInvalid`, naming every bad field and its value.
 */
export const readEvent = <T>(value: unknown, fields: EventFields<T>, kind: EventKind): T => {
  const complaints: string[] = [];
  const read: Partial<Record<keyof T, unknown>> = {};
  if (isObject(value)) {
    for (const name of Object.keys(fields) as (keyof T & string)[]) {
      const field = fields[name];
      const given = Object.hasOwn(value, name) ? value[name] : undefined;
      if (given !== undefined)
        read[name] = field.read(given, (text, at = '') => complaints.push(`${name}${at} ${text}`));
      else if (!field.optional) complaints.push(`${name} is missing`);
    }
    const unknown = Object.keys(value).filter((name) => !Object.hasOwn(fields, name));
    if (unknown.length > 0) complaints.push(`unknown ${unknown.map(shown).join(', ')}`);
  } else {
    complaints.push(`must be an object, not ${shown(value)}`);
  }
  if (complaints.length === 0) return read as T;
  throw new KmError(
    'ErrRefreshEventInvalid',
    `Invalid ${kind.name}: ${complaints.slice(0, MOST_COMPLAINTS).join('; ')}`,
    { remedy: kind.remedy },
  );
};
