import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A row that was set, or deleted when it has no value. */
export interface Change {
  readonly table: string;
  readonly key: string;
  readonly value?: unknown;
}

/** Changes since the tables were last written whole: what a killed process leaves to the next. */
export interface Journal {
  /** What the last process wrote down and did not save, oldest first. */
  readonly left: readonly Change[];
  /** Written before it returns, so that it outlives the process. */
  write(changes: readonly Change[]): void;
  /** Begins a new file; what is returned removes all earlier ones, once the tables hold what stands in them. */
  turn(): () => void;
  close(): void;
}

const NAME = /^journal-(\d+)\.ndjson$/;

const numbersIn = (directory: string): number[] =>
  readdirSync(directory)
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);

/** The whole lines of a file; a last one that the process did not finish was never answered for. */
const linesOf = (text: string): string[] => text.slice(0, text.lastIndexOf('\n') + 1).split('\n');

/** Opens the journal of a directory: `journal-N.ndjson`, one JSON change a line, mode 0600. */
export const openJournal = (directory: string): Journal => {
  const fileOf = (number: number): string => join(directory, `journal-${number}.ndjson`);
  let old = numbersIn(directory);
  const left = old.flatMap((number) =>
    linesOf(readFileSync(fileOf(number), 'utf8'))
      .filter((line) => line !== '')
      .map((line): Change => JSON.parse(line)),
  );
  let current = (old.at(-1) ?? 0) + 1;
  let file = openSync(fileOf(current), 'a', 0o600);

  const remove = (numbers: readonly number[]): void => {
    for (const number of numbers) rmSync(fileOf(number), { force: true });
    old = old.filter((number) => !numbers.includes(number));
  };

  return {
    left,
    write(changes) {
      writeSync(file, changes.map((change) => `${JSON.stringify(change)}\n`).join(''));
    },
    turn() {
      closeSync(file);
      old.push(current);
      const earlier = [...old];
      current += 1;
      file = openSync(fileOf(current), 'a', 0o600);
      return () => remove(earlier);
    },
    close() {
      closeSync(file);
      remove([...old, current]);
    },
  };
};
