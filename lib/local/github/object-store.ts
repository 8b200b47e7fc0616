import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What came, when it was kept. */
export interface StoredObject {
  /** SHA-256 in hex. */
  readonly oid: string;
  readonly size: number;
}

const OID = /^[\da-f]{64}$/;

/** Files of repositories by the SHA-256 of their content: a folder a repository, so that none reaches another's. */
export class ObjectStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async size(repositoryId: number, oid: string): Promise<number | undefined> {
    if (!OID.test(oid)) return undefined;
    return stat(this.#path(repositoryId, oid)).then(
      (file) => file.size,
      () => undefined,
    );
  }

  /** A file that is there. */
  read(repositoryId: number, oid: string): ReadStream {
    return createReadStream(this.#path(repositoryId, oid));
  }

  /** Keeps a file; undefined, with nothing kept, when its content is not what `expected` names. */
  async write(
    repositoryId: number,
    content: AsyncIterable<Buffer>,
    expected?: string,
  ): Promise<StoredObject | undefined> {
    const folder = join(this.#folder, String(repositoryId));
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const unfinished = join(folder, `new-${randomUUID()}`);
    const hash = createHash('sha256');
    let size = 0;
    try {
      const file = await open(unfinished, 'wx', 0o600);
      try {
        for await (const chunk of content) {
          hash.update(chunk);
          size += chunk.length;
          await file.write(chunk);
        }
      } finally {
        await file.close();
      }
      const oid = hash.digest('hex');
      if (expected !== undefined && oid !== expected) return undefined;
      await rename(unfinished, this.#path(repositoryId, oid));
      return { oid, size };
    } finally {
      await rm(unfinished, { force: true });
    }
  }

  #path(repositoryId: number, oid: string): string {
    return join(this.#folder, String(repositoryId), oid);
  }
}
