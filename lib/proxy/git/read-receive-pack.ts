import type { Refusal } from '../decision.ts';
import { ReceivePackReader } from './parse-receive-pack.ts';
import type { ReceivePackProgress, ReceivePackRequest } from './receive-pack-request.ts';

/** A push of which the head has been read, and the rest not. */
export interface OpenPush {
  readonly request: ReceivePackRequest;
  /** The head's own bytes. */
  readonly head: Buffer;
  /** What follows: from the pack's first byte to the body's end; nothing when the push has no pack. Read it once. */
  readonly pack: AsyncIterableIterator<Buffer>;
}

const continued = async function* (
  begun: Buffer,
  body: AsyncIterator<Buffer>,
): AsyncGenerator<Buffer, undefined> {
  if (begun.length > 0) yield begun;
  for (;;) {
    const { done, value } = await body.next();
    if (done) return;
    yield value;
  }
};

/**
 * Reads a push from a body up to where its pack begins, and no further.
 *
 * @param body The iterator of a request's body, already decoded of any content encoding. It is never closed here.
 */
export const readReceivePack = async (
  body: AsyncIterator<Buffer>,
): Promise<({ readonly allowed: true } & OpenPush) | Refusal> => {
  const reader = new ReceivePackReader();
  let progress: ReceivePackProgress = { state: 'more' };
  while (progress.state === 'more') {
    const { done, value } = await body.next();
    progress = done ? reader.end() : reader.push(value);
  }
  if (progress.state === 'refused') return progress.refusal;
  const { request } = progress;
  const taken = reader.taken();
  return {
    allowed: true,
    request,
    head: taken.subarray(0, request.headLength),
    pack: continued(taken.subarray(request.headLength), body),
  };
};
