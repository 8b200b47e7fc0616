import type { Readable } from 'node:stream';
import { decidePush, type PushDenial, type RefUpdate } from '../../guard/decide-push.ts';
import type { Refusal } from '../decision.ts';
import { explainForced, proveFastForward } from '../git/prove-fast-forward.ts';
import { readReceivePack } from '../git/read-receive-pack.ts';
import type { ReceivePackRequest } from '../git/receive-pack-request.ts';
import { asksForReport, refusePush } from '../git/refuse-push.ts';
import type { GitHubLookups } from '../github-lookups.ts';
import { heldBytes } from '../held-bytes.ts';
import type { Exchange } from './exchange.ts';

/** A push that may be forwarded: what was read of its body already, and the body, from which the rest comes. */
export interface AdmittedPush {
  readonly allowed: true;
  readonly refs: readonly RefUpdate[];
  readonly beginning: readonly Buffer[];
  readonly stream: Readable;
}

/** A push that is refused in git's own words. */
export interface DeniedPush {
  readonly allowed: false;
  readonly refusal: Refusal;
  /** The body of the answer, `application/x-git-receive-pack-result`. */
  readonly answer: Buffer;
}

const denied = (request: ReceivePackRequest, denials: readonly PushDenial[], repo: string): DeniedPush => ({
  allowed: false,
  answer: refusePush(request, denials),
  refusal: {
    allowed: false,
    rule: denials[0]?.reason ?? 'ref',
    // Only a report tells what became of each ref; without one a status has to.
    status: asksForReport(request) ? 200 : 403,
    reason: denials.map(({ message }) => message).join('; '),
    remedy: 'Push to a ref that the profile names, or change the profile.',
    repo,
    refs: request.commands,
  },
});

/** The beginning of a body, as far as a decision wants it; the rest is left in the body, to be poured. */
class Beginning implements AsyncIterator<Buffer> {
  readonly #body: AsyncIterator<Buffer>;
  #isOver = false;

  constructor(body: Readable) {
    this.#body = body.iterator({ destroyOnReturn: false });
  }

  async next(): Promise<IteratorResult<Buffer>> {
    return this.#isOver ? { done: true, value: undefined } : this.#body.next();
  }

  /** Reads no more of the body from now on, and hands it over as it is. */
  async leave(): Promise<void> {
    this.#isOver = true;
    await this.#body.return?.();
  }
}

const admitted = async (
  refs: readonly RefUpdate[],
  stream: Readable,
  { beginning, read, pack }: { beginning: Beginning; read: readonly Buffer[]; pack: AsyncIterable<Buffer> },
): Promise<AdmittedPush> => {
  await beginning.leave();
  const all = [...read];
  // Of what was read before, the decision may have left some.
  for await (const chunk of pack) all.push(chunk);
  return { allowed: true, refs, beginning: all, stream };
};

/**
 * Decides over a push before a byte of it is forwarded: reads its commands as git does, holds them against the
 * sandbox's refs, and where no push may be forced looks for the proof that each is a fast-forward.
 *
 * Rejects with `ErrProxyLookup` when GitHub does not answer what the proof asks, and when the client goes away.
 */
export const decidePushedBody = async (
  exchange: Exchange,
  body: Readable,
  { repo, lookups }: { readonly repo: string; readonly lookups: GitHubLookups },
): Promise<AdmittedPush | DeniedPush | Refusal> => {
  const { guard } = exchange.policy;
  const beginning = new Beginning(body);
  const open = await readReceivePack(beginning);
  if (!open.allowed) return { ...open, repo };
  const { request, head, pack } = open;
  // What may be wrong with a ref whatever the pack holds comes first: it costs nothing.
  const updates = request.commands.map((command) => ({ ...command, isForced: false }));
  const denials = decidePush(guard, updates);
  if (denials.length > 0) return denied(request, denials, repo);
  if (guard.allowForcePushes) return admitted(updates, body, { beginning, read: [head], pack });

  let held = 0;
  exchange.response.once('close', () => heldBytes.give(held));
  const hold = (bytes: number): boolean => {
    const hasRoom = heldBytes.take(bytes);
    if (hasRoom) held += bytes;
    return hasRoom;
  };
  const proof = await proveFastForward({ request, body: pack, repo, lookups, hold });
  const forced = explainForced(decidePush(guard, proof.updates), proof.unproven);
  if (forced.length > 0) return denied(request, forced, repo);
  return admitted(updates, body, { beginning, read: [head, ...proof.heldBack], pack });
};
