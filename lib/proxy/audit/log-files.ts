/** Where an audit log is: the file that is written, and those before it, `FILE.1` being the youngest of them. */
export const generation = (file: string, number: number): string =>
  number === 0 ? file : `${file}.${number}`;

/** Files before the written one that are kept. */
export const KEPT_FILES = 5;
