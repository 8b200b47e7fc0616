import type { Row } from '../row.ts';
import type { FunctionTimes, RefresherFigures } from './measure-refresher.ts';
import { MEMORY_SIZES, memoryCost } from './memory-cost.ts';

const ms = (value: number): string => `${value.toFixed(1)} ms`;

const compare = (
  what: string,
  { bundle, octokit }: RefresherFigures,
  of: (times: FunctionTimes) => number,
): Row => ({
  what,
  figure: ms(of(bundle)),
  reference: `with Octokit and the unbundled SDK: ${ms(of(octokit))}`,
  ratio: `${(of(bundle) / of(octokit)).toFixed(2)}×`,
  aim: 'at most 0.5×',
});

/** The figures of the refresher's processor time as rows of the report. */
export const refresherRows = (figures: RefresherFigures): Row[] => [
  compare('refresher: CPU of a warm refresh', figures, ({ warmMs }) => warmMs),
  compare(
    'refresher: CPU of a cold one, from the start of the process',
    figures,
    ({ bootMs, importMs, firstMs }) => bootMs + importMs + firstMs,
  ),
  {
    what: 'refresher: memory after 700 refreshes',
    figure: `${figures.bundle.rssMb.toFixed(0)} MiB at most`,
    reference: `with Octokit and the unbundled SDK: ${figures.octokit.rssMb.toFixed(0)} MiB`,
    ratio: `${(figures.bundle.rssMb / figures.octokit.rssMb).toFixed(2)}×`,
    aim: '–',
  },
];

/** How to read them, and what follows for the function's memory, for docs/benchmarks.md. */
export const refresherNotes = ({ bundle }: RefresherFigures): string => {
  const rows = MEMORY_SIZES.map((size) => memoryCost(size, bundle)).map(
    ({ memoryMb, warmMs, coldMs, warmDollars, coldDollars }) =>
      `| ${memoryMb} MB | ${warmMs.toFixed(0)} ms | ${coldMs.toFixed(0)} ms | $${warmDollars.toFixed(2)} | $${coldDollars.toFixed(2)} |`,
  );
  return `The rows of the refresher's CPU: the bundle, and the same function with \`@octokit/auth-app\`, \`@octokit/request\` and the AWS SDK as
they come (\`test/bench/octokit-refresher\`), in turn in processes of their own, for one owner, against the same small AWS and GitHub over
loopback HTTP in the bench's process. Both keep clients and the App's parameters. What is told is the processor time of the function's process,
user and system, so that waiting and the other side do not count; a warm refresh is one of 400 after 300. Both send four requests in a warm
refresh; km's has the look at the history that the reference lacks, and the reference asks for the installation and signs a JWT each time.
Without TLS, which costs both the same.

**Memory of the function.** Lambda gives processor time by memory, all of one for 1,769 MB. From the CPU above, a waiting time of
450 ms warm and 625 ms cold for GitHub and Parameter Store (assumed), Arm prices of us-east-1, and a start that is billed and has a whole processor:

| memory | a warm refresh | a cold one | a million warm | a million cold |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

A refresh waits, and waiting costs by memory: the smallest that holds the process is the cheapest, and makes a cold refresh an
eighth of a second longer than 512 MB do, which nobody waits for. 128 MB are less than the process has, and 192 MB leave no room for a long history; the function has 256 MB.`;
};
