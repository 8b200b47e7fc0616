import { applyDelta } from './apply-delta.ts';
import { type Commit, parseCommit } from './parse-commit.ts';
import { inflateContent, type PackEntryHeader, readPackEntryHeader, type Unread } from './read-pack-entry.ts';
import type { ObjectFormat } from './receive-pack-request.ts';

/** Bounds of what is read of one pack. Past any of them reading ends, and what was found by then is all there is. */
export const PACK_BOUNDS = {
  objects: 200_000,
  /** Bytes of one commit. */
  commit: 1_048_576,
  /** Bytes of another object, which is inflated only to find its end. */
  object: 16_777_216,
  /** Bytes inflated in all. */
  inflated: 268_435_456,
  /** Bytes of commits kept as bases of deltas; the oldest are given up. */
  bases: 16_777_216,
} as const;

const HEADER_LENGTH = 12;
const SIGNATURE = 0x5041434b;

const isCommitOrTag = ({ type }: PackEntryHeader): boolean => type === 'commit' || type === 'tag';

/**
 * Finds the commits in a pack as it comes, in any chunks. Each is named by the hash of its content, so that nothing that
 * a pack claims of it has to be believed. Deltas are resolved against commits that came before; git writes no others.
 */
export class PackCommitReader {
  /** Whether every object has been read, or no more will be. */
  hasEnded = false;
  /** Whether every object that the pack promised has been read. */
  isWhole = false;
  /** Whether something was met that is no commit, and no tag: git writes those first. */
  hasLeftCommits = false;

  readonly #format: ObjectFormat;
  #unread: Buffer[] = [];
  #unreadLength = 0;
  /** Below this many bytes nothing more can be read. It doubles, so that tiny chunks cost no more than large ones. */
  #wanted = HEADER_LENGTH;
  /** Where the first unread byte is in the pack. */
  #offset = 0;
  #objectsLeft = -1;
  #objects = 0;
  #inflated = 0;
  readonly #idAt = new Map<number, string>();
  readonly #bases = new Map<string, Buffer>();
  #basesLength = 0;

  constructor(format: ObjectFormat) {
    this.#format = format;
  }

  /** Takes the next bytes of the pack, and gives the commits that end in them. */
  push(chunk: Buffer): readonly Commit[] {
    if (this.hasEnded) return [];
    this.#unread.push(chunk);
    this.#unreadLength += chunk.length;
    return this.#unreadLength < this.#wanted ? [] : this.#read();
  }

  /** Says that the pack ends here, whatever it promised. */
  end(): readonly Commit[] {
    const commits = this.hasEnded ? [] : this.#read();
    this.#stop();
    return commits;
  }

  #read(): readonly Commit[] {
    const bytes = Buffer.concat(this.#unread);
    const commits: Commit[] = [];
    let at = 0;
    if (this.#objectsLeft < 0 && bytes.length >= HEADER_LENGTH) at = this.#readHeader(bytes);
    while (!this.hasEnded && this.#objectsLeft >= 0) {
      this.isWhole = this.#objectsLeft === 0;
      if (this.isWhole || this.#objects >= PACK_BOUNDS.objects) {
        this.#stop();
        break;
      }
      const end = this.#readObject(bytes, at, commits);
      if (end === 'more') break;
      if (end === 'malformed') {
        this.#stop();
        break;
      }
      this.#objectsLeft -= 1;
      this.#objects += 1;
      at = end;
    }
    if (!this.hasEnded) this.#keep(bytes.subarray(at), at);
    return commits;
  }

  #readHeader(bytes: Buffer): number {
    const version = bytes.readUInt32BE(4);
    this.#objectsLeft = bytes.readUInt32BE(8);
    if (bytes.readUInt32BE(0) !== SIGNATURE || (version !== 2 && version !== 3)) this.#stop();
    return HEADER_LENGTH;
  }

  #readObject(bytes: Buffer, at: number, commits: Commit[]): number | Unread {
    const header = readPackEntryHeader(bytes, at, this.#format === 'sha1' ? 20 : 32);
    if (typeof header === 'string') return header;
    const offset = this.#offset + at;
    const base = this.#baseOf(header, offset);
    const isCommit = header.type === 'commit' || base !== undefined;
    if (!isCommit && !isCommitOrTag(header)) this.hasLeftCommits = true;
    if (header.size > (isCommit ? PACK_BOUNDS.commit : PACK_BOUNDS.object)) return 'malformed';
    if (this.#inflated + header.size > PACK_BOUNDS.inflated) return 'malformed';
    const inflated = inflateContent(bytes, header.contentAt, header.size);
    if (typeof inflated === 'string') return inflated;
    this.#inflated += header.size;
    if (!isCommit) return inflated.end;
    const content = base ? applyDelta(base, inflated.content, PACK_BOUNDS.commit) : inflated.content;
    if (!content) return 'malformed';
    this.#inflated += base ? content.length : 0;
    const commit = parseCommit(content, this.#format);
    if (commit) {
      commits.push(commit);
      this.#keepAsBase(offset, commit.id, content);
    }
    return inflated.end;
  }

  #baseOf({ baseDistance, baseId }: PackEntryHeader, offset: number): Buffer | undefined {
    const id = baseDistance === undefined ? baseId : this.#idAt.get(offset - baseDistance);
    return id === undefined ? undefined : this.#bases.get(id);
  }

  #keepAsBase(offset: number, commitId: string, content: Buffer): void {
    this.#idAt.set(offset, commitId);
    if (this.#bases.has(commitId)) return;
    this.#bases.set(commitId, content);
    this.#basesLength += content.length;
    for (const [id, { length }] of this.#bases) {
      if (this.#basesLength <= PACK_BOUNDS.bases) break;
      this.#bases.delete(id);
      this.#basesLength -= length;
    }
  }

  #keep(left: Buffer, read: number): void {
    this.#unread = [left];
    this.#unreadLength = left.length;
    this.#wanted = 2 * left.length;
    this.#offset += read;
  }

  #stop(): void {
    this.hasEnded = true;
    this.#unread = [];
    this.#bases.clear();
    this.#idAt.clear();
  }
}
