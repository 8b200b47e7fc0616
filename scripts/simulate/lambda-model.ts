import { handleEvent } from '../../lambda/refresh/handle-event.ts';
import type { Runtime } from '../../lambda/refresh/invocation.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { MeterReport } from './meter.ts';
import { QUOTAS } from './quotas.ts';
import { createRandom } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface LambdaModelOptions {
  readonly time: VirtualTime;
  readonly faults: FaultPlan;
  readonly seed: number;
  readonly name: string;
  /** Makes what a new execution environment works with. */
  readonly createRuntime: (environment: number) => Runtime;
  /** Where an asynchronous invocation goes that failed, or waited too long. */
  readonly onFailure: (event: unknown) => void;
}

export type Outcome = { readonly value: unknown } | { readonly error: Error } | { readonly throttled: true };

export interface LambdaModel {
  /** As Scheduler and CloudFormation invoke: events wait for a free place. */
  readonly invokeLater: (event: unknown) => void;
  /** As the retry queue invokes. */
  readonly invoke: (event: unknown) => Promise<Outcome>;
  readonly report: () => LambdaReport;
}

export interface LambdaReport {
  readonly invocations: number;
  readonly failures: number;
  /** Asynchronous events that were given up on unseen. */
  readonly tooOld: number;
  readonly timeouts: number;
  readonly coldStarts: number;
  /** Billed, starts with them. */
  readonly seconds: number;
  readonly concurrency: MeterReport;
}

interface Environment {
  readonly runtime: Runtime;
  readonly usedAt: number;
}

/** As lib/stacks/refresher.ts and retry-queue.ts set them. */
const TIMEOUT_MS = 60_000;
const MOST_AGE_MS = 13 * 60_000;

/** AWS does not say how long an idle environment is kept; minutes, in practice. */
const KEPT_MS = 7 * 60_000;
const START_MS = 250;
const COLD_REGION_START_MS = 8_000;
/** CPU of a warm refresh beside its waiting, see docs/benchmarks.md. */
const CPU_MS = 8;

/** The function on Lambda: environments that are reused, concurrency, and the queue of asynchronous events. */
export const createLambdaModel = (options: LambdaModelOptions): LambdaModel => {
  const { time, faults, createRuntime, onFailure } = options;
  const random = createRandom(options.seed, `lambda ${options.name}`);
  const idle: Environment[] = [];
  const limit = QUOTAS.lambdaConcurrency.value;
  const counts = { invocations: 0, failures: 0, tooOld: 0, timeouts: 0, coldStarts: 0, seconds: 0 };
  let running = 0;
  let peak = 0;
  let refused = 0;
  let environments = 0;

  const environment = (): { readonly runtime: Runtime; readonly startMs: number } => {
    const isCold = faults.regionIsCold(time.now());
    const last = idle.pop();
    if (last && !isCold && time.now() - last.usedAt < KEPT_MS) return { runtime: last.runtime, startMs: 0 };
    // Below it are only those that have waited for longer.
    idle.length = 0;
    counts.coldStarts += 1;
    environments += 1;
    return { runtime: createRuntime(environments), startMs: isCold ? COLD_REGION_START_MS : START_MS };
  };

  const invoke = async (event: unknown): Promise<Outcome> => {
    if (running >= limit) {
      refused += 1;
      return { throttled: true };
    }
    running += 1;
    peak = Math.max(peak, running);
    counts.invocations += 1;
    const { runtime, startMs } = environment();
    if (startMs > 0) await time.sleep(startMs);
    const began = time.now();
    const outcome = await handleEvent(runtime, event, {
      remainingMs: () => began + TIMEOUT_MS - time.now(),
    }).then(
      (value): Outcome => ({ value }),
      (error: Error): Outcome => ({ error }),
    );
    const took = time.now() - began;
    running -= 1;
    counts.seconds += (startMs + took + CPU_MS) / 1000;
    if (took > TIMEOUT_MS) {
      counts.timeouts += 1;
      counts.failures += 1;
      return { error: new Error('Task timed out') };
    }
    idle.push({ runtime, usedAt: time.now() });
    if ('error' in outcome) counts.failures += 1;
    return outcome;
  };

  const invokeLater = (event: unknown): void => {
    const asked = time.now();
    const attempt = async (tried: number): Promise<void> => {
      if (time.now() - asked > MOST_AGE_MS) {
        counts.tooOld += 1;
        onFailure(event);
        return;
      }
      const outcome = await invoke(event);
      if ('error' in outcome) onFailure(event);
      if (!('throttled' in outcome)) return;
      const delay = Math.min(300_000, 1_000 * 2 ** tried) * (0.5 + random() / 2);
      time.at(time.now() + delay, () => void attempt(tried + 1));
    };
    void attempt(0);
  };

  return {
    invoke,
    invokeLater,
    report: () => ({ ...counts, concurrency: { limit, asked: counts.invocations, refused, peak } }),
  };
};
