import { type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { AuditEntry } from '../audit-entry.ts';
import { generation, KEPT_FILES } from './log-files.ts';

export interface ReadAuditLogOptions {
  /** Refusals only. */
  readonly denied?: boolean;
  /** Goes on with what is written later, until `signal` aborts. */
  readonly follow?: boolean;
  /** Only entries of that time or later, in milliseconds since 1970. */
  readonly since?: number;
  /** Ends the reading, without an error. */
  readonly signal?: AbortSignal;
  /** Milliseconds between two looks at the file while following; 250. */
  readonly interval?: number;
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly inode: number;
}

const CHUNK = 64 * 1024;
const NEW_LINE = 0x0a;

const openFile = async (path: string): Promise<OpenFile | undefined> => {
  try {
    const handle = await open(path, 'r');
    return { handle, inode: (await handle.stat()).ino };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

const inodeOf = async (path: string): Promise<number | undefined> => {
  try {
    return (await stat(path)).ino;
  } catch {
    return undefined;
  }
};

/** The file that comes after one, or the oldest when there is none before; `undefined` while that one is the last. */
const fileAfter = async (file: string, current: OpenFile | undefined): Promise<OpenFile | undefined> => {
  let number = 0;
  while (number <= KEPT_FILES) {
    const inode = await inodeOf(generation(file, number));
    if (inode !== undefined && inode === current?.inode) break;
    number += 1;
  }
  for (let next = number - 1; next >= 0; next -= 1) {
    const found = await openFile(generation(file, next));
    if (!found) continue;
    if (found.inode !== current?.inode) return found;
    // It was put aside between the two looks: its successor is to be looked for anew.
    await found.handle.close();
    return fileAfter(file, current);
  }
  return undefined;
};

/** Whole lines of a log, in pieces as they are read; what is behind the last line end waits for the next call. */
class Lines {
  #rest = Buffer.alloc(0);

  async *read(handle: FileHandle): AsyncGenerator<string> {
    const chunk = Buffer.alloc(CHUNK);
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, CHUNK, null);
      if (bytesRead === 0) return;
      const bytes = Buffer.concat([this.#rest, chunk.subarray(0, bytesRead)]);
      const end = bytes.lastIndexOf(NEW_LINE) + 1;
      this.#rest = bytes.subarray(end);
      if (end > 0) yield* bytes.toString('utf8', 0, end - 1).split('\n');
    }
  }
}

/** A line that a killed proxy left in part is none. */
const parsed = (line: string): AuditEntry | undefined => {
  try {
    const entry: unknown = JSON.parse(line);
    const isEntry = typeof entry === 'object' && entry !== null && 'verdict' in entry && 'time' in entry;
    return isEntry ? (entry as AuditEntry) : undefined;
  } catch {
    return undefined;
  }
};

/** Every line of the log, the oldest file first; while following, goes along when the file is put aside. */
async function* readLines(file: string, options: ReadAuditLogOptions): AsyncGenerator<string> {
  const { follow = false, interval = 250, signal } = options;
  let current: OpenFile | undefined;
  let lines = new Lines();
  try {
    while (!signal?.aborted) {
      if (current) yield* lines.read(current.handle);
      const next = await fileAfter(file, current);
      if (next) {
        // What was written between the last look at a file and its putting aside.
        if (current) yield* lines.read(current.handle);
        await current?.handle.close();
        current = next;
        lines = new Lines();
        continue;
      }
      if (!follow) return;
      await delay(interval, undefined, signal ? { signal } : {}).catch(() => undefined);
    }
  } finally {
    await current?.handle.close();
  }
}

/**
 * The entries of an audit log in the order of their decisions, over the files that were put aside and the present one.
 * Nothing where there is no log yet. Lines that are none of the proxy's are passed over.
 */
export async function* readAuditLog(
  file: string,
  options: ReadAuditLogOptions = {},
): AsyncGenerator<AuditEntry> {
  const { denied = false, since = Number.NEGATIVE_INFINITY } = options;
  for await (const line of readLines(file, options)) {
    const entry = parsed(line);
    if (!entry || (denied && entry.verdict !== 'denied')) continue;
    if (since > Number.NEGATIVE_INFINITY && !(Date.parse(entry.time) >= since)) continue;
    yield entry;
  }
}
