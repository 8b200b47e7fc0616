import type { Decision, Refusal, Rule } from '../decision.ts';

export interface RefuseOptions {
  readonly rule: Rule;
  /** Without the `[km]` in front. */
  readonly reason: string;
  /** What to change, or whom to ask. */
  readonly remedy: string;
  /** Default 403. */
  readonly status?: number;
  /** `owner/name`, lower case. */
  readonly repo?: string;
}

/** A refusal as the client and the audit log see it. */
export const refuse = ({ rule, reason, remedy, status = 403, repo }: RefuseOptions): Refusal => ({
  allowed: false,
  rule,
  status,
  reason: `[km] ${reason}`,
  remedy,
  ...(repo === undefined ? {} : { repo }),
});

/** Tells a refusal from what was asked for. */
export const isRefusal = (value: object): value is Refusal => (value as Partial<Decision>).allowed === false;

const LONGEST_SHOWN = 200;
const TOKEN = /(?:gh[a-z]_|github_pat_|v1\.)[A-Za-z0-9._-]{20,}/g;

/**
 * Text that a client chose, for a sentence or a log line: ASCII that prints, at most 200 characters, nothing from a `?`
 * on, and nothing that has the shape of a token.
 */
export const shown = (text: string): string => {
  const [path = ''] = text.split('?', 1);
  const printable = path.replace(TOKEN, '[token]').replace(/[^\x21-\x7e]/g, '?');
  return printable.length > LONGEST_SHOWN ? `${printable.slice(0, LONGEST_SHOWN)}…` : printable;
};
