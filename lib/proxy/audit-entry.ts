import type { RefUpdate } from '../guard/decide-push.ts';
import type { Rule } from './decision.ts';

/** One decision, as one line of JSON in the audit log. Holds no credential, no query string and no content. */
export interface AuditEntry {
  /** ISO 8601, with milliseconds. */
  readonly time: string;
  readonly sandbox: string;
  readonly method: string;
  readonly host: string;
  /** The path without its query; at most 200 characters. */
  readonly path: string;
  /** `owner/name`, lower case. */
  readonly repo?: string;
  /** Of a push or a REST write: full name, ids before and after. */
  readonly refs?: readonly Pick<RefUpdate, 'ref' | 'oldId' | 'newId'>[];
  readonly verdict: 'allowed' | 'denied';
  readonly rule: Rule;
  /** Why, when it was denied. */
  readonly reason?: string;
  /** Status of the answer; absent for a tunnel, and when the client went away before one. */
  readonly status?: number;
  /** Bytes of body from the client and to it. */
  readonly bytes: { readonly sent: number; readonly received: number };
  /** From the request's head to the answer's end, or to the tunnel's. */
  readonly ms: number;
}
