import type { Refusal, Rule } from '../decision.ts';

/** A JSON object that came from a client. */
export type Fields = Readonly<Record<string, unknown>>;

/** Longest body that is read: a file of GitHub's own limit, in base64, and some room. Bytes. */
export const LONGEST_JSON_BODY = 16 * 1024 * 1024;

/** Deeper than any body of GitHub's API, and far from what ends a stack. */
const DEEPEST = 64;

/** A text that a client chose, for a reason: nothing in it gives a terminal orders, and it is not endless. */
export const shownText = (text: string): string => text.replace(/[\p{C}\p{Z}']/gu, '?').slice(0, 100);

/** Refuses a body, as not well-formed unless `status` says otherwise. */
export const refuseBody = (
  reason: string,
  remedy: string,
  { rule = 'body', status = 400 }: { readonly rule?: Rule; readonly status?: number } = {},
): Refusal => ({ allowed: false, rule, status, reason: `[km] ${reason}`, remedy });

/** What JSON readers do not agree on, or would be changed by being written again. */
const troubleIn = (root: unknown): string | undefined => {
  const left: (readonly [value: unknown, depth: number])[] = [[root, 1]];
  for (let next = left.pop(); next; next = left.pop()) {
    const [value, depth] = next;
    if (typeof value === 'number') {
      if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
        return 'a number that is too large to be read exactly';
      }
    } else if (typeof value === 'object' && value !== null) {
      if (depth > DEEPEST) return `values nested more than ${DEEPEST} deep`;
      for (const inner of Object.values(value)) left.push([inner, depth + 1]);
    }
  }
  return undefined;
};

const decoded = (body: Buffer): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return undefined;
  }
};

/**
 * Reads a body as one JSON object (RFC 8259) in UTF-8, at most {@link LONGEST_JSON_BODY}. Of a key that stands twice the
 * last counts, so what was read has to be written anew before it is sent on; what that would change is refused.
 */
export const readJsonObject = (body: Buffer): Refusal | { readonly fields: Fields } => {
  if (body.length > LONGEST_JSON_BODY) {
    return refuseBody(
      `A body that has to be looked into holds at most ${LONGEST_JSON_BODY / 1024 / 1024} MiB, not ${body.length} bytes.`,
      'Split the request, or push with git.',
      { status: 413 },
    );
  }
  const value = decoded(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuseBody('The body is not a JSON object in UTF-8.', 'Send one, without a byte order mark.');
  }
  const trouble = troubleIn(value);
  if (trouble) return refuseBody(`The body holds ${trouble}.`, 'Send it as a string, or less of it.');
  return { fields: value as Fields };
};
