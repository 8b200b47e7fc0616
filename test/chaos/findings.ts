/** What went wrong, gathered while the run goes on: one sentence each. */
export class Findings {
  readonly list: string[] = [];
  readonly #log: (line: string) => void;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  add(finding: string): void {
    this.list.push(finding);
    this.#log(`✗ ${finding}`);
  }
}

/** The last lines of what a command said. */
export const tailOf = ({ stdout, stderr }: { stdout: string; stderr: string }): string =>
  `${stdout}\n${stderr}`.trim().split('\n').slice(-4).join(' | ').slice(0, 600);

/** Runs the work of several, so many at a time. */
export async function inParallel<T>(
  width: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
