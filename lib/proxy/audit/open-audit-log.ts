import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { KmError } from '../../errors.ts';
import { whyRefused } from '../../why-refused.ts';
import type { AuditEntry } from '../audit-entry.ts';
import { generation, KEPT_FILES } from './log-files.ts';

export interface AuditLogOptions {
  /** Made with mode 0600; its folder has to be there. */
  readonly file: string;
  /** Past it the file is put aside; 10 MiB. A single line may be longer. */
  readonly maxBytes?: number;
  /** Files put aside that are kept: `FILE.1`, the youngest, to `FILE.5`. */
  readonly keep?: number;
}

export interface AuditLog {
  /**
   * Appends one decision as one line; once it returns, the line is with the kernel. Throws `ErrProxyAudit` when it
   * cannot be written; it is then held in memory, and written before the next one.
   */
  write(entry: AuditEntry): void;
  /** Whether all that was decided so far is written; tries again with what is held. While false, let nothing through. */
  isWritable(): boolean;
  close(): Promise<void>;
}

const NEW_LINE = 0x0a;
/** Of lines that the disk refused; what comes past it is lost, and of it nothing can have been let through. */
const MOST_HELD = 1024 * 1024;
const LONGEST_PATH = 200;
const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;

/** One line in ASCII: what is beyond it could give a terminal orders. Of the path, what comes before a query. */
const lineOf = (entry: AuditEntry): Buffer => {
  const [path = ''] = entry.path.split(/[?#]/, 1);
  const json = JSON.stringify({ ...entry, path: path.slice(0, LONGEST_PATH) });
  const ascii = json.replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return Buffer.from(`${ascii}\n`);
};

const endsWithinLine = (fd: number): boolean => {
  const { size } = fstatSync(fd);
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] !== NEW_LINE;
};

const isSameFile = (one: Stats, other: Stats): boolean => one.ino === other.ino && one.dev === other.dev;

class RotatedLog implements AuditLog {
  readonly #file: string;
  readonly #maxBytes: number;
  readonly #keep: number;
  #fd: number | undefined;
  #isClosed = false;
  /** Bytes that are decided and not written: whole lines, but for the first, of which a part may be on disk. */
  #held = Buffer.alloc(0);
  #isWithinLine = false;

  constructor({ file, maxBytes = 10 * 1024 * 1024, keep = KEPT_FILES }: AuditLogOptions) {
    this.#file = file;
    this.#maxBytes = maxBytes;
    this.#keep = keep;
    this.#attempt(() => this.#open());
  }

  write(entry: AuditEntry): void {
    const line = lineOf(entry);
    if (this.#held.length === 0 || this.#held.length + line.length <= MOST_HELD) {
      this.#held = Buffer.concat([this.#held, line]);
    }
    this.#attempt(() => this.#flush());
  }

  isWritable(): boolean {
    try {
      this.#flush();
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#release();
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      const why = whyRefused(error) ?? (error as NodeJS.ErrnoException).code ?? 'it is closed';
      throw new KmError('ErrProxyAudit', `the audit log ${this.#file} cannot be written: ${why}`, {
        cause: error,
        remedy:
          'Make room, or give the file back to the user that runs the proxy. Until then nothing is let through.',
      });
    }
  }

  #flush(): void {
    if (this.#isClosed) throw new TypeError('The audit log is closed.');
    let fd = this.#fd ?? this.#open();
    const { size, nlink } = fstatSync(fd);
    const isFull = size > 0 && size + this.#held.length > this.#maxBytes;
    // A line that is on disk in part is ended in the same file; one that was deleted takes no more.
    if (nlink === 0 || (isFull && !this.#isWithinLine)) {
      if (nlink > 0) this.#putAside(fd);
      this.#release();
      fd = this.#open();
    }
    while (this.#held.length > 0) {
      this.#held = this.#held.subarray(writeSync(fd, this.#held));
      this.#isWithinLine = this.#held.length > 0;
    }
  }

  #open(): number {
    const fd = openSync(this.#file, O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_RDWR, 0o600);
    try {
      if (!fstatSync(fd).isFile())
        throw Object.assign(new TypeError('Not a file.'), { code: 'it is no file' });
      fchmodSync(fd, 0o600);
      // Of a proxy that was killed on a full disk.
      if (!this.#isWithinLine && endsWithinLine(fd)) writeSync(fd, '\n');
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    this.#fd = fd;
    return fd;
  }

  #putAside(fd: number): void {
    const onDisk = statSync(this.#file, { throwIfNoEntry: false });
    // Another proxy of this sandbox may have put the file aside already.
    if (!onDisk || !isSameFile(onDisk, fstatSync(fd))) return;
    for (let number = this.#keep; number > 0; number -= 1) {
      const from = generation(this.#file, number - 1);
      if (statSync(from, { throwIfNoEntry: false })) renameSync(from, generation(this.#file, number));
    }
  }

  #release(): void {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) closeSync(fd);
  }
}

/**
 * Opens a proxy's audit log: JSON lines, appended, put aside by renaming when it is long. Follows no link.
 * Throws `ErrProxyAudit` when it cannot be opened. Writing waits for the kernel, so that lines keep the order of their
 * decisions, and none is lost with the process.
 */
export const openAuditLog = (options: AuditLogOptions): AuditLog => new RotatedLog(options);
