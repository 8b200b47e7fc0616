import type { Refusal } from '../decision.ts';
import { type Parameter, readParameters } from './read-parameters.ts';
import { refuse, shown } from './refuse.ts';

/** One part of a path between slashes. */
export interface Segment {
  /** As it came. */
  readonly raw: string;
  /** Percent-decoded once. May hold a slash, and nothing that would be decoded or resolved a second time. */
  readonly text: string;
}

/** A request target of which there is one reading only. */
export interface StrictTarget {
  /** As it came, without the query. */
  readonly path: string;
  /** Without the empty one behind a slash at the end. */
  readonly segments: readonly Segment[];
  readonly endsWithSlash: boolean;
  /** As it came, without the `?`; `undefined` when there is none. */
  readonly query: string | undefined;
  readonly parameters: readonly Parameter[];
}

/** RFC 3986 `pchar` and `/`, without `;`, which some servers take for the end of a segment. */
const PATH = /^(?:[A-Za-z0-9\-._~!$&'()*+,=:@/]|%[0-9A-Fa-f]{2})*$/;
const DECODED_AGAIN = /[%\\;]/;
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;

const malformed = (what: string, remedy: string): Refusal =>
  refuse({ rule: 'path', status: 400, reason: what, remedy });

const decoded = (raw: string): string | undefined => {
  try {
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
};

const readSegment = (raw: string): Segment | string => {
  const text = decoded(raw);
  if (text === undefined) return 'is not percent-encoded UTF-8';
  if (DECODED_AGAIN.test(text)) return 'holds an encoded %, \\ or ;, which other readers take further';
  if (CONTROL.test(text)) return 'holds an encoded control character';
  if (/^[. ]*$/m.test(text.replaceAll('/', '\n'))) return 'holds an empty or a dot segment';
  return { raw, text };
};

/**
 * Reads a request target in origin form. Decodes once, and refuses whatever a second decoding, a resolving of dots or a
 * merging of slashes would read otherwise, so that nobody behind the proxy reads another path out of it.
 *
 * {@link https://www.rfc-editor.org/rfc/rfc3986#section-3.3}, {@link https://www.rfc-editor.org/rfc/rfc9112#section-3.2.1}
 */
export const strictTarget = (target: string): StrictTarget | Refusal => {
  if (!target.startsWith('/')) {
    return malformed(
      'The request target does not begin with /',
      'Send the path alone, such as /owner/repo.git/info/refs, and the host in the Host header.',
    );
  }
  const queryAt = target.indexOf('?');
  const path = queryAt < 0 ? target : target.slice(0, queryAt);
  const query = queryAt < 0 ? undefined : target.slice(queryAt + 1);
  const wrong = (what: string) =>
    malformed(
      `The path ${shown(path)} ${what}`,
      'Send the path in its plain form: no dot segments, no double encoding, no empty segments, no semicolons.',
    );
  if (!PATH.test(path)) return wrong('holds a character that a path does not have');
  const endsWithSlash = path.length > 1 && path.endsWith('/');
  const parts = path === '/' ? [] : path.slice(1, endsWithSlash ? -1 : undefined).split('/');
  const segments: Segment[] = [];
  for (const part of parts) {
    const segment = readSegment(part);
    if (typeof segment === 'string') return wrong(segment);
    segments.push(segment);
  }
  const parameters = readParameters(query);
  if (!parameters) {
    return malformed(
      `The query behind ${shown(path)} is not well-formed`,
      'Percent-encode the values once, as UTF-8, and part them with &.',
    );
  }
  return { path, segments, endsWithSlash, query, parameters };
};
