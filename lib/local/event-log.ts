import { createWriteStream, renameSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'cloud.log';
const LARGEST_BYTES = 10 * 1024 * 1024;

/** The local cloud's own log: one JSON object a line, in `cloud.log` of the state directory (mode 0600). */
export interface EventLog {
  write(event: string, fields?: Readonly<Record<string, unknown>>): void;
  /** The lines written at or after `since` (ISO 8601, machine's time), oldest first. */
  read(since?: string): Promise<string[]>;
  close(): Promise<void>;
}

/** Opens the log; a file past 10 MB is set aside as `cloud.log.1`. `echo` gets every line as well. */
export const openEventLog = (stateDir: string, echo?: (line: string) => void): EventLog => {
  const file = join(stateDir, FILE);
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LARGEST_BYTES) renameSync(file, `${file}.1`);
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  stream.on('error', () => {});
  let ended = false;
  return {
    write(event, fields = {}) {
      const line = JSON.stringify({ at: new Date().toISOString(), event, ...fields });
      if (!ended) stream.write(`${line}\n`);
      echo?.(line);
    },
    async read(since) {
      await new Promise<void>((resolve) => stream.write('', () => resolve()));
      const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
      return since === undefined ? lines : lines.filter((line) => line.slice(7, 31) >= since);
    },
    async close() {
      ended = true;
      await new Promise<void>((resolve) => stream.end(resolve));
    },
  };
};
