import { mkdirSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Table } from './cloud.ts';
import { openJournal } from './journal.ts';

const SAVE_AFTER_MS = 40;

/** Rows of hundreds of kilobytes that nothing acts on: writing them down at every change would cost more than it keeps. */
const NOT_IN_JOURNAL: ReadonlySet<string> = new Set(['logs-events']);

/** All tables of one state directory. */
export interface State {
  /** The table of that name, read from disk when first asked for. */
  table<T>(name: string): Table<T>;
  /** Empties every table, on disk too. */
  clear(): void;
  /** Writes what is unsaved and stops saving. */
  close(): Promise<void>;
}

class StoredTable<T> implements Table<T> {
  readonly #rows: Map<string, T>;
  readonly #changed: (key: string) => void;

  constructor(rows: Map<string, T>, changed: (key: string) => void) {
    this.#rows = rows;
    this.#changed = changed;
  }

  get(key: string): T | undefined {
    return this.#rows.get(key);
  }

  set(key: string, value: T): void {
    this.#rows.set(key, value);
    this.#changed(key);
  }

  delete(key: string): boolean {
    const existed = this.#rows.delete(key);
    if (existed) this.#changed(key);
    return existed;
  }

  has(key: string): boolean {
    return this.#rows.has(key);
  }

  keys(): string[] {
    return [...this.#rows.keys()];
  }

  values(): T[] {
    return [...this.#rows.values()];
  }

  entries(): [string, T][] {
    return [...this.#rows.entries()];
  }
}

const readRows = (file: string): Map<string, unknown> => {
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8'))));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw new Error(`The local cloud's table ${file} cannot be read: reset or remove it`, { cause: error });
  }
};

/**
 * Opens the tables of a directory: one JSON file a table, mode 0600, replaced whole by a rename, so that a reader or a
 * crash never sees half a table. Changes are written together, 40 ms after the first of them, and on close; until then
 * they stand in a journal, where they are before whoever caused them has an answer. A killed process loses none.
 *
 * @param failed hears of a write that did not succeed; what it should have written is tried again on close
 */
export const openState = (directory: string, failed: (error: unknown) => void): State => {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const tables = new Map<string, { rows: Map<string, unknown>; table: Table<unknown> }>();
  const dirty = new Set<string>();
  const journal = openJournal(directory);
  let unwritten = new Map<string, { table: string; key: string }>();
  let timer: NodeJS.Timeout | undefined;
  let saving: Promise<void> = Promise.resolve();
  let closed = false;

  const fileOf = (name: string): string => join(directory, `${name}.json`);
  const textOf = (name: string): string => JSON.stringify(Object.fromEntries(tables.get(name)?.rows ?? []));

  /** Once for all changes of a turn: an answer leaves on a later one. */
  const writeDown = (): void => {
    const changes = [...unwritten.values()].map((change) => ({
      ...change,
      value: tables.get(change.table)?.rows.get(change.key),
    }));
    unwritten = new Map();
    if (changes.length > 0 && !closed) journal.write(changes);
  };

  const save = async (): Promise<void> => {
    writeDown();
    const forget = journal.turn();
    for (const name of [...dirty]) {
      const file = fileOf(name);
      dirty.delete(name);
      try {
        await writeFile(`${file}.next`, textOf(name), { mode: 0o600 });
        await rename(`${file}.next`, file);
      } catch (error) {
        dirty.add(name);
        throw error;
      }
    }
    forget();
  };

  const touch = (name: string, key: string): void => {
    if (closed) return;
    if (!NOT_IN_JOURNAL.has(name)) {
      if (unwritten.size === 0) queueMicrotask(writeDown);
      unwritten.set(`${name} ${key}`, { table: name, key });
    }
    dirty.add(name);
    timer ??= setTimeout(() => {
      timer = undefined;
      saving = saving.then(save).catch(failed);
    }, SAVE_AFTER_MS);
  };

  const table = <T>(name: string): Table<T> => {
    if (!/^[a-z][a-z0-9-]*$/.test(name))
      throw new Error(`'${name}' is no table name: lower-case words and dashes`);
    let entry = tables.get(name);
    if (!entry) {
      const rows = readRows(fileOf(name));
      entry = { rows, table: new StoredTable(rows, (key) => touch(name, key)) };
      tables.set(name, entry);
    }
    return entry.table as Table<T>;
  };

  for (const { table: name, key, value } of journal.left) {
    if (value === undefined) table(name).delete(key);
    else table(name).set(key, value);
  }

  return {
    table,
    clear() {
      for (const { table: rows } of tables.values()) for (const key of rows.keys()) rows.delete(key);
    },
    async close() {
      if (closed) return;
      writeDown();
      closed = true;
      clearTimeout(timer);
      await saving;
      await save();
      journal.close();
    },
  };
};
