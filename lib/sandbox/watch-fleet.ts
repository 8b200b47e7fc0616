import { abortableContext } from './abortable-context.ts';
import type { SandboxContext } from './context.ts';
import { type ListedSandbox, listSandboxes } from './list-sandboxes.ts';

/** The fleet at one moment. */
export interface FleetView {
  /** Milliseconds since the epoch, on the cloud's clock. */
  readonly at: number;
  /** As {@link oldestFirst} orders them. */
  readonly sandboxes: readonly ListedSandbox[];
  /** Why a later look failed; what is shown is then the one before. */
  readonly problem?: unknown;
}

export interface WatchFleetOptions {
  /** Milliseconds from the end of a look to the next. One that took longer is waited for as long as it took. */
  readonly every: number;
  readonly signal: AbortSignal;
  /** Milliseconds of any beginning: the cloud's own clock may be moved. */
  readonly timer: () => number;
}

/**
 * Sandboxes that lack a token they should have, then by the age of their oldest token, then those that are to have none.
 * Alike, the older sandbox first.
 */
export function oldestFirst(sandboxes: readonly ListedSandbox[]): readonly ListedSandbox[] {
  return sandboxes
    .map((sandbox) => ({ sandbox, rank: rankOf(sandbox) }))
    .sort((a, b) =>
      a.rank === b.rank ? a.sandbox.createdAt - b.sandbox.createdAt : a.rank < b.rank ? -1 : 1,
    )
    .map(({ sandbox }) => sandbox);
}

/** When a sandbox's oldest token was minted, in milliseconds since the epoch; `undefined` when it has none. */
export function oldestMint({ tokens }: ListedSandbox): number | undefined {
  const minted = tokens.map(({ mintedAt }) => Date.parse(mintedAt));
  return minted.length === 0 ? undefined : Math.min(...minted);
}

function rankOf(sandbox: ListedSandbox): number {
  if (sandbox.health === 'no-token' || sandbox.health === 'failed') return Number.NEGATIVE_INFINITY;
  return oldestMint(sandbox) ?? Number.POSITIVE_INFINITY;
}

/** The fleet now: a page of stacks and a page of parameters at a time, and no request a sandbox. */
export async function viewFleet(context: SandboxContext): Promise<FleetView> {
  const [sandboxes, at] = await Promise.all([listSandboxes(context), context.now()]);
  return { at, sandboxes: oldestFirst(sandboxes) };
}

/** The fleet again and again, until the signal aborts. Throws what the first look throws. */
export async function* watchFleet(
  context: SandboxContext,
  { every, signal, timer }: WatchFleetOptions,
): AsyncGenerator<FleetView, void> {
  const abortable = abortableContext(context, signal);
  let view: FleetView | undefined;
  while (!signal.aborted) {
    const began = timer();
    try {
      view = await viewFleet(abortable);
    } catch (problem) {
      if (signal.aborted) return;
      if (view === undefined) throw problem;
      view = { ...view, problem };
    }
    if (signal.aborted) return;
    yield view;
    await context.sleep(Math.max(every, timer() - began), signal);
  }
}
