import type { RefUpdate } from '../guard/decide-push.ts';
import type { RefWrite } from './rest/ref-write.ts';

/** What of GitHub a request is for. `storage` is the host of a signed URL, which carries no repo. */
export type Surface = 'web' | 'api' | 'uploads' | 'codeload' | 'raw' | 'media' | 'storage';

/**
 * The rule that decided, for the audit log, the answer to the client and docs/proxy.md, where each is described.
 */
export type Rule =
  // what lets a request through
  | 'git-read'
  | 'git-push'
  | 'lfs'
  | 'download'
  | 'rest-read'
  | 'rest-write'
  | 'ref-write'
  | 'no-repo'
  | 'graphql-read'
  | 'signed-url'
  | 'tunnel'
  // what refuses one
  | 'host'
  | 'address'
  | 'http'
  | 'path'
  | 'route'
  | 'repo'
  | 'permission'
  | 'ref'
  | 'deletion'
  | 'force'
  | 'push-format'
  | 'body'
  | 'graphql'
  | 'credential'
  | 'token'
  | 'user'
  | 'upstream';

/** Why a request is refused, for the client and the audit log. Never a secret, never a query string. */
export interface Refusal {
  readonly allowed: false;
  readonly rule: Rule;
  /** HTTP status of the answer: 400 for what is not well-formed, 403 for what is not allowed, 413, 421, 431, 502. */
  readonly status: number;
  /** One sentence beginning with `[km]`. */
  readonly reason: string;
  /** What to change, or whom to ask. */
  readonly remedy: string;
  /** `owner/name`, lower case. */
  readonly repo?: string;
  readonly refs?: readonly RefUpdate[];
}

/** What is still to be looked at before a request may be forwarded. */
export type Inspection =
  | { readonly kind: 'none' }
  /** The body is a push: parse its commands. */
  | { readonly kind: 'receive-pack' }
  /** The body is an LFS batch request. */
  | { readonly kind: 'lfs-batch' }
  | { readonly kind: 'graphql' }
  /** The body, or the route itself, moves a ref. */
  | { readonly kind: 'ref-write'; readonly write: RefWrite }
  /** `/repositories/{id}`: the name is asked for first, and then the whole is decided again as `/repos/{name}{rest}`. */
  | { readonly kind: 'repository-id'; readonly id: string; readonly rest: string }
  /** Only as the proxy itself handed it out, in the answer to an allowed request. */
  | { readonly kind: 'signed-url' };

/** What may be forwarded, once the inspection finds nothing against it. */
export interface Admission {
  readonly allowed: true;
  readonly rule: Rule;
  readonly surface: Surface;
  /** `owner/name`, lower case; absent where the request carries no repo. */
  readonly repo?: string;
  readonly inspect: Inspection;
  /** What the proxy does with the answer: cut a list of repositories to the allowed ones, take signed URLs out of an LFS batch. */
  readonly answer: 'pass' | 'repository-list' | 'lfs-batch';
}

export type Decision = Refusal | Admission;

/** A request as the proxy's HTTP parser read it, after the checks of its head. */
export interface RequestFacts {
  /** Upper case. */
  readonly method: string;
  /** Lower case, with the port only where it is not the scheme's own. */
  readonly host: string;
  /** Path and query as they came, in origin form: `/owner/repo/info/refs?service=git-upload-pack`. */
  readonly target: string;
}
