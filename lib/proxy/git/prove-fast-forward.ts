import { isKmError } from '../../errors.ts';
import type { PushDenial, RefUpdate } from '../../guard/decide-push.ts';
import type { GitHubLookups } from '../github-lookups.ts';
import { FastForwardProof } from './fast-forward-proof.ts';
import { PackCommitReader } from './read-pack-commits.ts';
import type { PushCommand, ReceivePackRequest } from './receive-pack-request.ts';

/** What one push may cost before its fast-forwards are shown. */
export const PROOF_BOUNDS = {
  /** Bytes of the pack that are read, and held back, before the first is forwarded. */
  heldBack: 33_554_432,
  /** Questions to GitHub. */
  questions: 20,
  /** Refs of one push that are moved. */
  updates: 100,
} as const;

/** An update that was not shown to be a fast-forward. */
export interface UnprovenUpdate extends RefUpdate {
  /** Why not, as the end of a sentence. */
  readonly why: string;
}

export interface FastForwardOptions {
  readonly request: ReceivePackRequest;
  /** The body from the pack's first byte on. It is read no further than needed, and never closed. */
  readonly body: AsyncIterator<Buffer>;
  /** `owner/name`, lower case. */
  readonly repo: string;
  readonly lookups: Pick<GitHubLookups, 'isAncestor'>;
  /** Asked for each chunk that is held back: false ends the reading. Whoever gave room takes it back. Absent: always. */
  readonly hold?: (bytes: number) => boolean;
}

export interface FastForwardResult {
  /** Every command of the push, for `decidePush`: `isForced` is false where a fast-forward was shown, else absent. */
  readonly updates: readonly RefUpdate[];
  readonly unproven: readonly UnprovenUpdate[];
  /** What was read of the body, to be forwarded before the rest. */
  readonly heldBack: readonly Buffer[];
}

const NO_OBJECT = /^0+$/;

/** Tags do not move forward, and what is made or deleted is not moved. */
const isMovedBranch = ({ ref, oldId, newId }: PushCommand): boolean =>
  !ref.startsWith('refs/tags/') && !NO_OBJECT.test(oldId) && !NO_OBJECT.test(newId) && oldId !== newId;

const short = (id: string): string => id.slice(0, 10);

/** Asks GitHub about the commits that the pack leads back to, each once, and no more often than is allowed. */
class Questions {
  asked = 0;
  hasFailed = false;
  readonly #options: FastForwardOptions;
  readonly #answered = new Set<string>();

  constructor(options: FastForwardOptions) {
    this.#options = options;
  }

  isUsedUp(): boolean {
    return this.asked >= PROOF_BOUNDS.questions;
  }

  async ask(proof: FastForwardProof): Promise<void> {
    for (const update of proof.unproven()) {
      for (const commit of proof.boundary(update)) {
        if (this.hasFailed || this.isUsedUp()) return;
        const question = `${update.oldId} ${commit}`;
        if (this.#answered.has(question)) continue;
        this.#answered.add(question);
        if (await this.#isAncestor(update.oldId, commit)) {
          proof.addProof(update);
          break;
        }
      }
    }
  }

  async #isAncestor(oldId: string, commit: string): Promise<boolean> {
    const { lookups, repo } = this.#options;
    this.asked += 1;
    try {
      return await lookups.isAncestor(repo, oldId, commit);
    } catch (error) {
      if (!isKmError(error)) throw error;
      this.hasFailed = true;
      return false;
    }
  }
}

/** Reads the pack until all is shown, or until no more of it will be read. */
const readPack = async (
  { request, body, hold = () => true }: FastForwardOptions,
  proof: FastForwardProof,
  questions: Questions,
): Promise<{ readonly heldBack: Buffer[]; readonly isWhole: boolean }> => {
  const reader = new PackCommitReader(request.objectFormat);
  const heldBack: Buffer[] = [];
  let length = 0;
  let hasAsked = false;
  let hasRoom = true;
  while (!proof.isProven() && !reader.hasEnded && hasRoom && length < PROOF_BOUNDS.heldBack) {
    const { done, value } = await body.next();
    const commits = done ? reader.end() : reader.push(value);
    for (const { id, parents } of commits) proof.addCommit(id, parents);
    if (!done) {
      heldBack.push(value);
      length += value.length;
      hasRoom = hold(value.length);
    }
    if (!reader.hasLeftCommits || hasAsked || proof.isProven()) continue;
    // As git writes packs, there is no further commit in this one.
    hasAsked = true;
    await questions.ask(proof);
  }
  if (!proof.isProven()) await questions.ask(proof);
  return { heldBack, isWhole: reader.isWhole && !proof.hasGivenUp() };
};

/**
 * Shows which of a push's updates are fast-forwards, before a byte of it is forwarded: the commits in the pack lead from
 * the new commit back to the old one, or to a commit of which GitHub says that it descends from the old one. What is not
 * shown so within {@link PROOF_BOUNDS} counts as forced. Not to be called where forced pushes are allowed.
 *
 * See docs/decisions/fast-forward-proof.md.
 */
export const proveFastForward = async (options: FastForwardOptions): Promise<FastForwardResult> => {
  const { commands } = options.request;
  const moved = commands.filter(isMovedBranch);
  const proof = new FastForwardProof(moved.slice(0, PROOF_BOUNDS.updates));
  const questions = new Questions(options);
  const { heldBack, isWhole } = await readPack(options, proof, questions);

  const why = ({ oldId }: PushCommand): string => {
    if (questions.hasFailed) return 'GitHub could not be asked';
    if (questions.isUsedUp())
      return `more than ${PROOF_BOUNDS.questions} questions to GitHub would be needed`;
    if (!isWhole) return 'not all of its pack could be read within the bounds of km';
    return `the commits that are pushed do not lead back to ${short(oldId)}`;
  };
  const open = new Set(proof.unproven());
  const left = moved.slice(PROOF_BOUNDS.updates);
  const unproven = [
    ...[...open].map((update) => ({ ...update, why: why(update) })),
    ...left.map((update) => ({ ...update, why: `it moves more than ${PROOF_BOUNDS.updates} refs at once` })),
  ];
  const isOpen = new Set([...open, ...left]);
  const updates = commands.map((command) =>
    isMovedBranch(command) && !isOpen.has(command) ? { ...command, isForced: false } : command,
  );
  return { updates, unproven, heldBack };
};

/** Adds to the denial of a forced push why it was not shown to be a fast-forward. */
export const explainForced = (
  denials: readonly PushDenial[],
  unproven: readonly UnprovenUpdate[],
): readonly PushDenial[] =>
  denials.map((denial) => {
    const why = unproven.find(({ ref }) => ref === denial.ref)?.why;
    if (denial.reason !== 'force' || why === undefined) return denial;
    return { ...denial, message: `${denial.message} (not shown to be a fast-forward: ${why})` };
  });
