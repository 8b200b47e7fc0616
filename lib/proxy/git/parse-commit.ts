import { createHash } from 'node:crypto';
import type { ObjectFormat } from './receive-pack-request.ts';

/** A commit, as far as a history is made of it. */
export interface Commit {
  /** The hash of its content: whoever has the id has these parents. */
  readonly id: string;
  readonly parents: readonly string[];
}

const HEADERS = {
  sha1: /^tree [0-9a-f]{40}\n((?:parent [0-9a-f]{40}\n)*)author /,
  sha256: /^tree [0-9a-f]{64}\n((?:parent [0-9a-f]{64}\n)*)author /,
} as const;

/**
 * Names a commit by its content and reads its parents; `undefined` when they are not written exactly as git writes
 * them, so that no two readers can disagree about one.
 *
 * {@link https://git-scm.com/book/en/v2/Git-Internals-Git-Objects}
 *
 * @param content What is stored, without the object's header.
 */
export const parseCommit = (content: Buffer, format: ObjectFormat): Commit | undefined => {
  // Latin-1: one character a byte, whatever the message is written in.
  const end = content.indexOf('\nauthor ', 0, 'latin1');
  if (end < 0) return undefined;
  const [, parents] = HEADERS[format].exec(content.toString('latin1', 0, end + '\nauthor '.length)) ?? [];
  if (parents === undefined) return undefined;
  const id = createHash(format).update(`commit ${content.length}\0`).update(content).digest('hex');
  return { id, parents: parents.match(/[0-9a-f]{40,}/g) ?? [] };
};
