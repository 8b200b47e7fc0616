import type { FunctionTimes } from './measure-refresher.ts';

/** What a refresh costs with so much memory. */
export interface MemoryCost {
  readonly memoryMb: number;
  /** How long a refresh takes in a warm process, in milliseconds. */
  readonly warmMs: number;
  /** How long it takes in a new one, its start with it. */
  readonly coldMs: number;
  /** US dollars for a million refreshes in warm processes. */
  readonly warmDollars: number;
  /** The same, if each were the first of its process. */
  readonly coldDollars: number;
}

/** Memory for which a function has one processor; less has that share of one. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const WHOLE_PROCESSOR_MB = 1769;

/** us-east-1, Arm, first tier; the start is billed as well. https://aws.amazon.com/lambda/pricing/ */
const DOLLARS_A_GB_SECOND = 0.000_013_333_4;
const DOLLARS_A_REQUEST = 0.000_000_2;

/** What one refresh waits for: a mint and a proof of GitHub's, a write and a look of Parameter Store's, each a guess on the long side. */
const WAITING_MS = 250 + 150 + 2 * 25;
/** In a new process GitHub confirms the installation, and the App's parameters are read. */
const FIRST_WAITING_MS = WAITING_MS + 150 + 25;

/** What a start takes beside the function's own code, which has a whole processor meanwhile. */
const START_MS = 120;

export const MEMORY_SIZES: readonly number[] = [128, 192, 256, 512, 1024, 1769];

/** Prices measured processor time: one thread, so that more memory than for one processor changes nothing. */
export const memoryCost = (
  memoryMb: number,
  { importMs, firstMs, warmMs: warmCpuMs }: FunctionTimes,
): MemoryCost => {
  const share = Math.min(1, memoryMb / WHOLE_PROCESSOR_MB);
  const warmMs = WAITING_MS + warmCpuMs / share;
  const coldMs = START_MS + importMs + FIRST_WAITING_MS + firstMs / share;
  const dollars = (ms: number): number =>
    1_000_000 * (DOLLARS_A_REQUEST + (Math.ceil(ms) / 1000) * (memoryMb / 1024) * DOLLARS_A_GB_SECOND);
  return { memoryMb, warmMs, coldMs, warmDollars: dollars(warmMs), coldDollars: dollars(coldMs) };
};
