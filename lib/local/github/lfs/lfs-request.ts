import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GitHubAddresses } from '../addresses.ts';
import type { Principal } from '../authenticate.ts';
import type { Repository } from '../directory.ts';
import type { GitHubState } from '../github-state.ts';

export type InstallationPrincipal = Extract<Principal, { kind: 'installation' }>;

/** One request of a Git LFS client, once its token reaches the repository. */
export interface LfsContext {
  readonly state: GitHubState;
  readonly addresses: GitHubAddresses;
  readonly now: number;
  readonly principal: InstallationPrincipal;
  readonly repository: Repository;
  readonly query: URLSearchParams;
  readonly params: Readonly<Record<string, string>>;
  /** The JSON body; empty without one. */
  body(): Promise<Readonly<Record<string, unknown>>>;
}

export interface LfsReply {
  readonly status: number;
  readonly body: object;
}

export interface LfsRoute {
  readonly method: 'GET' | 'POST';
  /** What follows `/info/lfs`. */
  readonly pattern: string;
  /** What it needs of `contents`. A batch decides by its operation. */
  readonly level: 'read' | 'write';
  handle(context: LfsContext): LfsReply | Promise<LfsReply>;
}

/** A request for one of the hosts that signed URLs lead to. */
export interface StorageRequest {
  readonly state: GitHubState;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly now: number;
}

export const LFS_JSON = 'application/vnd.git-lfs+json; charset=utf-8';
