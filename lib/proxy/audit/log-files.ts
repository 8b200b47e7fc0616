import { stat } from 'node:fs/promises';

/** Where an audit log is: the file that is written, and those before it, `FILE.1` being the youngest of them. */
export const generation = (file: string, number: number): string =>
  number === 0 ? file : `${file}.${number}`;

/** Files before the written one that are kept. */
export const KEPT_FILES = 5;

/** Whether there is a log: the written file, or one that was put aside. Rejects where that cannot be told. */
export async function isThereLog(file: string): Promise<boolean> {
  for (let number = 0; number <= KEPT_FILES; number += 1) {
    try {
      await stat(generation(file, number));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return false;
}
