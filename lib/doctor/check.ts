import type { Facts } from './facts.ts';
import type { Fix } from './fix.ts';

/** `ok` ✓, `warn` ⚠ (works, but not for long or not as it should), `fail` ✗ (does not work), `skip` - (not looked at). */
export type Status = 'ok' | 'warn' | 'fail' | 'skip';

/** One thing that a check found. */
export interface Finding {
  readonly status: Status;
  /** One line; never a secret. */
  readonly finding: string;
  /** What mends it: a command to paste, or a page to open. */
  readonly remedy?: string;
  /** The sandbox id or account that it is about. */
  readonly subject?: string;
  /** What `km doctor --fix` does about it. */
  readonly fix?: Fix;
}

/** A named question with an answer of one line or more. It changes nothing. */
export interface Check {
  /** Stable; `--json` tells it. */
  readonly id: string;
  readonly title: string;
  readonly run: (facts: Facts) => Promise<readonly Finding[]>;
}

export const ok = (finding: string): Finding => ({ status: 'ok', finding });
export const warn = (finding: string, remedy: string): Finding => ({ status: 'warn', finding, remedy });
export const fail = (finding: string, remedy: string): Finding => ({ status: 'fail', finding, remedy });
export const skip = (finding: string, remedy?: string): Finding => ({
  status: 'skip',
  finding,
  ...(remedy === undefined ? {} : { remedy }),
});

/** Thrown by a fact that cannot be had for a reason that another check tells: whoever needs it is skipped. */
export class NotLooked extends Error {
  override readonly name = 'NotLooked';
}
