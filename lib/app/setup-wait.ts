import type { InspectAnswer } from '../broker/inspection.ts';
import { KmError } from '../errors.ts';
import type { SandboxContext } from '../sandbox/context.ts';
import { inspectApp } from './inspect-app.ts';
import { problemError } from './look-at-app.ts';

export interface AwaitInstallationOptions {
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Told before each wait, with the milliseconds waited so far. */
  readonly onWait?: (waitedMs: number) => void;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 10_000;
const GROWTH = 1.5;

/** A new App can be unknown to some of GitHub's servers for a moment, and a call to AWS can fail once. */
const MOST_FAILURES = 5;

const failureOf = ({ configured, jwt, problems }: InspectAnswer): KmError | undefined =>
  configured && jwt?.ok ? undefined : problemError(jwt?.problem ? [jwt.problem] : problems);

/**
 * Waits until the App is installed somewhere, asking the refresher, which alone can ask GitHub as the App: after one
 * second at first, then ever slower up to ten.
 *
 * @returns what the refresher saw then; `undefined` when the signal ended the waiting.
 * @throws {KmError} what is wrong with the App, once it has stood for five answers in a row.
 */
export async function awaitInstallation(
  context: SandboxContext,
  { signal, onWait }: AwaitInstallationOptions,
): Promise<InspectAnswer | undefined> {
  let failures = 0;
  let wait = FIRST_WAIT_MS;
  let waited = 0;
  while (!signal.aborted) {
    const answer = await inspectApp(context).catch((error: unknown) => {
      if (error instanceof KmError && error.code === 'ErrPlatformMissing') throw error;
      return error;
    });
    const failure = isAnswer(answer) ? failureOf(answer) : answer;
    if (failure === undefined && isAnswer(answer) && answer.installations?.length) return answer;
    failures = failure === undefined ? 0 : failures + 1;
    if (failures >= MOST_FAILURES) throw failure;
    onWait?.(waited);
    await context.sleep(wait, signal);
    waited += wait;
    wait = Math.min(LONGEST_WAIT_MS, wait * GROWTH);
  }
  return undefined;
}

const isAnswer = (value: unknown): value is InspectAnswer => !(value instanceof Error);
