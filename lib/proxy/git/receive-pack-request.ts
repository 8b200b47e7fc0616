import type { Refusal } from '../decision.ts';

export type ObjectFormat = 'sha1' | 'sha256';

/** One command of a push: what a ref is to become. */
export interface PushCommand {
  /** The full name, below `refs/`. */
  readonly ref: string;
  /** Lower-case hex, 40 or 64 digits; all zeros when the ref is to be made. */
  readonly oldId: string;
  /** As `oldId`; all zeros when the ref is to be deleted. */
  readonly newId: string;
}

/** A push, up to where its pack begins. */
export interface ReceivePackRequest {
  /** In the push's order; none in the probe that git sends ahead of a large push. */
  readonly commands: readonly PushCommand[];
  /** As the client wrote them: `report-status`, `agent=git/2.39.5`, … */
  readonly capabilities: ReadonlySet<string>;
  readonly objectFormat: ObjectFormat;
  readonly pushOptions: readonly string[];
  /** Ids of the commits that the client holds no parents of. */
  readonly shallow: readonly string[];
  /** Bytes before the pack: commands, flush, and push options with theirs. */
  readonly headLength: number;
  /** Whether a pack follows: some command makes or moves a ref. */
  readonly hasPack: boolean;
}

/** How far a push has been read. */
export type ReceivePackProgress =
  | { readonly state: 'more' }
  | { readonly state: 'refused'; readonly refusal: Refusal }
  | { readonly state: 'complete'; readonly request: ReceivePackRequest };
