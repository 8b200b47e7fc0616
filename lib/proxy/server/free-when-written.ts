interface Held {
  /** Of its slices, those that are not written yet. */
  pending: number;
  /** Whether the stream has gone on to other memory. */
  isPassed: boolean;
}

/** Node cuts small buffers out of memory that others share; what came off a socket in bulk is longer. Bytes. */
const SHARED = 16 * 1024 - 1;

/**
 * Gives back the memory of what came off a connection as soon as it is written to the other one. Left to the collector
 * it costs a fifth of the proxy's time in a big clone, and a hundred megabytes: see docs/decisions/proxy-throughput.md.
 *
 * Only for the body of one IncomingMessage of node:http, whose chunks nobody else keeps: its parser cuts the chunks out
 * of what it read, one after the other, and is done with that memory once a chunk comes out of other memory.
 */
export class FreeWhenWritten {
  #memory: ArrayBufferLike | undefined;
  #held: Held = { pending: 0, isPassed: false };

  /** To be told of each chunk in its turn, before it is written; what it returns, once it is written. */
  take(chunk: Buffer): () => void {
    const memory = chunk.buffer;
    if (memory !== this.#memory) this.#pass(memory);
    const held = this.#held;
    held.pending += 1;
    return () => {
      held.pending -= 1;
      if (held.pending === 0 && held.isPassed) free(memory);
    };
  }

  #pass(next: ArrayBufferLike): void {
    const [memory, held] = [this.#memory, this.#held];
    this.#memory = next;
    this.#held = { pending: 0, isPassed: false };
    held.isPassed = true;
    if (memory && held.pending === 0) free(memory);
  }
}

const free = (memory: ArrayBufferLike): void => {
  // Node 20 has no transfer: there the collector does it.
  if (memory instanceof ArrayBuffer && memory.byteLength > SHARED) memory.transfer?.(0);
};
