import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';

/** One thing to time: a whole process, from its start to its exit. */
export interface Subject {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** Milliseconds of each run, sorted. */
export interface Sample {
  readonly name: string;
  readonly runs: readonly number[];
}

/** Times the subjects in turn, A B C A B C …, so that a machine that slows down slows them all. Two rounds warm up. */
export function measure(subjects: readonly Subject[], rounds: number): Sample[] {
  const runs = subjects.map((): number[] => []);
  for (let round = -2; round < rounds; round += 1) {
    for (const [index, subject] of subjects.entries()) {
      const elapsed = timeOnce(subject);
      if (round >= 0) runs[index]?.push(elapsed);
    }
  }
  return subjects.map(({ name }, index) => ({ name, runs: (runs[index] ?? []).sort((a, b) => a - b) }));
}

function timeOnce({ name, command, input, env, cwd }: Subject): number {
  const [program, ...args] = command;
  const start = performance.now();
  const { status, stderr, error } = spawnSync(program, args, {
    input: input ?? '',
    env: env ?? process.env,
    ...(cwd === undefined ? {} : { cwd }),
    encoding: 'utf8',
  });
  const elapsed = performance.now() - start;
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${error?.message ?? stderr}`);
  return elapsed;
}

/** The middle run of a sample, in milliseconds. */
export const median = ({ runs }: Sample): number => runs[Math.floor(runs.length / 2)] ?? Number.NaN;
