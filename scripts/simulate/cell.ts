import type { Runtime } from '../../lambda/refresh/invocation.ts';
import { createBroker } from '../../lib/broker/broker.ts';
import { resourceNames } from '../../lib/broker/names.ts';
import { createParameterStore } from '../../lib/broker/parameter-store.ts';
import { KmError } from '../../lib/errors.ts';
import { faultPlan, type PlanName } from './fault-plan.ts';
import { createGitHubModel, type GitHubReport } from './github-model.ts';
import { createLambdaModel, type LambdaModel, type LambdaReport } from './lambda-model.ts';
import { createMeter, type MeterReport } from './meter.ts';
import { QUOTAS } from './quotas.ts';
import { createRandom } from './random.ts';
import { createRetryQueueModel, type RetryQueueReport } from './retry-queue-model.ts';
import { createSandboxes, type SandboxesReport } from './sandboxes.ts';
import { createSigningModel } from './signing-model.ts';
import { createSsmModel, type SsmReport } from './ssm-model.ts';
import { createVirtualTime } from './virtual-time.ts';

/** One platform: an account and region with its own App, which shares no quota with another. */
export interface CellOptions {
  readonly name: string;
  readonly sandboxes: number;
  readonly installations: number;
  readonly days: number;
  readonly plan: PlanName;
  readonly seed: number;
  /** Failed refreshes go to the retry queue; else each schedule tries once. */
  readonly retries: boolean;
  readonly mintLimit: 'installation' | 'app';
  /** The fleet is created evenly within so many minutes. */
  readonly createdWithinMinutes: number;
  /** Over how many minutes first refreshes are spread; default: as lib/broker/refresh-start.ts does it. */
  readonly spreadMinutes?: number;
  readonly periodMinutes: number;
  readonly maxReceives: number;
  /** Git operations of each sandbox an hour: each reads the token once. */
  readonly readsPerHour: number;
  /** What sandboxes themselves ask of the API with the tokens of one installation, an hour; default 0. */
  readonly apiRequestsPerHour?: number;
}

export interface CellReport {
  readonly sandboxes: SandboxesReport;
  readonly gitHub: GitHubReport;
  readonly ssm: SsmReport;
  readonly signatures: MeterReport;
  readonly lambda: LambdaReport;
  readonly queue: RetryQueueReport;
  readonly scheduler: MeterReport;
  readonly events: number;
}

/** A Monday. */
const START = Date.UTC(2026, 10, 2);
const DAY = 86_400_000;

/**
 * The real code gives each request a timer, of which a day would have millions; the model of GitHub only reads its time.
 * Returns what takes that back.
 */
const replaceTimeouts = (): (() => void) => {
  const { timeout } = AbortSignal;
  AbortSignal.timeout = (ms) => ({ ms }) as unknown as AbortSignal;
  return () => {
    AbortSignal.timeout = timeout;
  };
};

/** Runs one platform for some days on a virtual clock. The same options give the same report. */
export const simulateCell = async (options: CellOptions): Promise<CellReport> => {
  const restoreTimeouts = replaceTimeouts();
  const { name, seed, days } = options;
  const time = createVirtualTime(START);
  const faults = faultPlan(options.plan, { start: START, days, seed });
  const names = resourceNames();
  const accounts = Array.from({ length: options.installations }, (_, index) => `acme-${index + 1}`);
  const gitHub = createGitHubModel({
    time,
    faults,
    seed,
    name,
    accounts,
    mintLimit: options.mintLimit,
    apiRequestsPerHour: options.apiRequestsPerHour ?? 0,
  });
  const signing = createSigningModel(time, faults, { seed, name });
  const scheduler = createMeter({ limit: QUOTAS.schedulerInvocations.value, intervalMs: 1_000 });
  let lambda: LambdaModel;

  const sandboxes = createSandboxes({ ...options, time, names, accounts, scheduler, lambda: () => lambda });
  const config = new Map([
    [names.appClientId, 'Iv23liModel'],
    ...accounts.map((account): [string, string] => [
      names.installation(account),
      String(gitHub.installations.get(account)),
    ]),
  ]);
  const ssm = createSsmModel({
    time,
    faults,
    seed,
    name,
    config,
    readsPerSecond: (options.sandboxes * options.readsPerHour) / 3_600,
    onToken: sandboxes.onToken,
  });
  const queue = createRetryQueueModel({
    time,
    lambda: () => lambda,
    maxReceives: options.maxReceives,
    visibilityMs: 120_000,
  });

  const createRuntime = (environment: number): Runtime => {
    const random = createRandom(seed, `function ${name} ${environment}`);
    const now = (): number => time.now() + faults.clockAheadMs;
    const broker = createBroker({
      names,
      store: createParameterStore(ssm.ssm),
      world: { fetch: gitHub.fetch, now, sleep: (ms) => time.sleep(ms), random },
      signingKeys: signing.keysOf(environment),
      log: () => undefined,
    });
    return {
      broker,
      fetch: gitHub.fetch,
      sleep: time.sleep,
      describeParameters: async () => [],
      openStacks: () =>
        Promise.reject(new KmError('ErrInternal', 'No stack is reconfigured in a simulation')),
      delayMessage: async ({ receiptHandle }, seconds) => queue.changeVisibility(receiptHandle, seconds),
      writeMetrics: () => undefined,
      answersLoopback: false,
      log: () => undefined,
    };
  };

  lambda = createLambdaModel({
    time,
    faults,
    seed,
    name,
    createRuntime,
    onFailure: (event) => {
      // CloudFormation is told of a failed Create by the function itself.
      if (options.retries && !('RequestType' in (event as object))) queue.sendFailed(event);
    },
  });

  sandboxes.createAll();
  const events = await time.run(START + days * DAY).finally(restoreTimeouts);
  return {
    sandboxes: sandboxes.report(),
    gitHub: gitHub.report(),
    ssm: ssm.report(),
    signatures: signing.report(),
    lambda: lambda.report(),
    queue: queue.report(),
    scheduler: scheduler.report(),
    events,
  };
};
