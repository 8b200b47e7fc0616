import { type ClientRequest, IncomingMessage, type ServerResponse } from 'node:http';
import { finished, type Readable } from 'node:stream';
import { FreeWhenWritten } from './free-when-written.ts';

/**
 * Writes a body to where it goes, at the pace of who takes it, and ends it there. Resolves when all is
 * handed to the system; rejects when either side breaks off, and leaves both as they are: it is the caller's to break
 * off the other.
 */
export const pour = (
  from: Readable,
  to: ClientRequest | ServerResponse,
  count: (bytes: number) => void,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const memory = from instanceof IncomingMessage ? new FreeWhenWritten() : undefined;
    const onData = (chunk: Buffer): void => {
      count(chunk.length);
      if (!to.write(chunk, memory?.take(chunk))) from.pause();
    };
    const onDrain = (): void => {
      from.resume();
    };
    const stop = (): void => {
      from.off('data', onData);
      to.off('drain', onDrain);
    };
    const fail = (error: Error): void => {
      stop();
      reject(error);
    };
    finished(from, { writable: false }, (error) => {
      if (error) return fail(error);
      stop();
      to.end();
    });
    finished(to, { readable: false }, (error) => (error ? fail(error) : resolve()));
    to.on('drain', onDrain);
    from.on('data', onData);
    // Whoever read the beginning may have left it standing.
    from.resume();
  });
