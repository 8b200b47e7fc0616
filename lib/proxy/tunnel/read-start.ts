import type { Duplex } from 'node:stream';

export interface ReadStartOptions<T> {
  readonly stream: Duplex;
  /** What was read off the stream before. */
  readonly initial: Buffer;
  /** Milliseconds. */
  readonly timeout: number;
  /** What the bytes so far are, or `undefined` while there are too few. Has to decide at a bounded length. */
  readonly read: (bytes: Buffer) => T | undefined;
}

export interface Start<T> {
  /** `undefined` when the stream ended, broke, or was too slow. */
  readonly found: T | undefined;
  readonly bytes: Buffer;
}

/** Reads the beginning of a stream until it can be told what it is, and leaves the stream paused behind that. */
export const readStart = <T>({ stream, initial, timeout, read }: ReadStartOptions<T>): Promise<Start<T>> =>
  new Promise((resolve) => {
    let bytes = initial;
    const settle = (found: T | undefined): void => {
      clearTimeout(timer);
      stream.pause();
      stream.off('data', onData).off('end', onEnd).off('close', onEnd);
      resolve({ found, bytes });
    };
    const onEnd = (): void => settle(undefined);
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      const found = read(bytes);
      if (found !== undefined) settle(found);
    };
    const timer = setTimeout(onEnd, timeout);
    const already = read(bytes);
    if (already !== undefined) return settle(already);
    if (stream.readableEnded || stream.destroyed) return settle(undefined);
    stream.on('data', onData).on('end', onEnd).on('close', onEnd);
    stream.resume();
  });
