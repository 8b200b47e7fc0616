import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Refusal } from '../decision.ts';
import { heldBytes } from '../held-bytes.ts';

const unreadable = (encoding: string): Refusal => ({
  allowed: false,
  rule: 'body',
  status: 415,
  reason: `[km] A body in the encoding '${encoding.replace(/[^\x21-\x7e]/g, '?').slice(0, 40)}' cannot be looked into.`,
  remedy: 'Send it as it is, or as gzip.',
});

const tooLong = (limit: number): Refusal => ({
  allowed: false,
  rule: 'body',
  status: 413,
  reason: `[km] A body that has to be looked into holds at most ${limit / 1024 / 1024} MiB.`,
  remedy: 'Split the request, or push with git.',
});

const TOO_MUCH: Refusal = {
  allowed: false,
  rule: 'body',
  status: 503,
  reason: '[km] Too much is being sent at once that has to be looked into.',
  remedy: 'Send large bodies one after the other, or push with git.',
};

/** The body as it is without its content encoding: a stream, or why it cannot be read. */
export const decodedBody = (request: IncomingMessage): Readable | Refusal => {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity') return request;
  if (encoding !== 'gzip' && encoding !== 'x-gzip') return unreadable(encoding);
  const plain = createGunzip();
  // Who reads it hears of this too; once nobody does any more, it must not end the process.
  plain.on('error', () => undefined);
  request.once('error', (error) => plain.destroy(error));
  request.once('close', () => {
    if (!request.complete) plain.destroy(new TypeError('The client went away within its body.'));
  });
  return request.pipe(plain);
};

/** A whole body in memory, decoded. Rejects when the client goes away, or its encoding is broken. */
export const readBody = async (request: IncomingMessage, limit: number): Promise<Buffer | Refusal> => {
  const stream = decodedBody(request);
  if ('allowed' in stream) return stream;
  const chunks: Buffer[] = [];
  let length = 0;
  let held = 0;
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      const bytes = chunk as Buffer;
      length += bytes.length;
      if (length > limit) return tooLong(limit);
      if (!heldBytes.take(bytes.length)) return TOO_MUCH;
      held += bytes.length;
      chunks.push(bytes);
    }
    return Buffer.concat(chunks);
  } finally {
    heldBytes.give(held);
  }
};
