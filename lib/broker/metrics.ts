import type { ErrorCode } from '../errors.ts';
import type { GitHubTransport } from '../github/request.ts';
import type { Survey } from './survey.ts';

/** The parts of a refresh whose time is taken. */
export type Stage = 'load' | 'resolve' | 'mint' | 'verify' | 'write';

/** Who refuses requests when there are too many. */
export type ThrottlingService = 'github' | 'ssm' | 'kms';

/** Gathers what happens, until it is taken. One for a process, which works on one invocation at a time. */
export interface Metrics {
  /** A token was published. */
  readonly refreshed: (sandboxId: string, owner: string) => void;
  /** An owner's refresh failed; one that was refused, since its sandbox is paused or gone, is none. */
  readonly failed: (sandboxId: string, owner: string, code: ErrorCode) => void;
  /** A message of the retry queue was taken up. */
  readonly retried: () => void;
  readonly throttled: (service: ThrottlingService) => void;
  /** Requests left of an installation's, or the App's, hour. */
  readonly limitLeft: (remaining: number) => void;
  readonly surveyed: (survey: Survey) => void;
  /** Runs a stage and takes its time, also when it fails. */
  readonly timed: <T>(stage: Stage, work: () => Promise<T>) => Promise<T>;
  /** What was gathered, in embedded metric format: a line each. Starts anew. */
  readonly take: () => readonly object[];
}

export interface MetricsOptions {
  /** The platform's prefix. */
  readonly prefix: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const NAMESPACE = 'km';

/** Codes by which the App's key is not, or no longer, good for anything. */
const APP_KEY: readonly ErrorCode[] = [
  'ErrGitHubKeyOfAnotherApp',
  'ErrGitHubBadKey',
  'ErrSigningKeyUnusable',
];

/** A warm process tells its stages once a minute, and for that all of them: five lines a refresh would cost more than it. */
const STAGES_EVERY_MS = 60_000;
/** What a metric's value may hold in embedded metric format. */
const MOST_VALUES = 100;
/** Sandboxes and owners that a line names. */
const MOST_NAMED = 10;

const UNITS: Readonly<Record<string, string>> = {
  StageMilliseconds: 'Milliseconds',
  OldestTokenAge: 'Seconds',
};

const added = <K>(counts: Map<K, number>, key: K): Map<K, number> =>
  counts.set(key, (counts.get(key) ?? 0) + 1);
const sum = (counts: ReadonlyMap<unknown, number>): number =>
  [...counts.values()].reduce((total, count) => total + count, 0);

interface Gathered {
  readonly sandboxes: Set<string>;
  readonly owners: Set<string>;
  refreshes: number;
  retries: number;
  readonly failures: Map<ErrorCode, number>;
  readonly throttles: Map<ThrottlingService, number>;
  limitLeft: number;
  survey: Survey | undefined;
}

const nothing = (): Gathered => ({
  sandboxes: new Set(),
  owners: new Set(),
  refreshes: 0,
  retries: 0,
  failures: new Map(),
  throttles: new Map(),
  limitLeft: Number.POSITIVE_INFINITY,
  survey: undefined,
});

const surveyValues = (survey: Survey | undefined): Readonly<Record<string, number>> =>
  survey === undefined
    ? {}
    : {
        Sandboxes: survey.sandboxes,
        OldestTokenAge: survey.oldest_token_age_seconds ?? 0,
        PermanentFailures: survey.permanent_failures,
      };

const refreshValues = (gathered: Gathered): Readonly<Record<string, number>> => {
  const { refreshes, retries, failures, throttles, limitLeft } = gathered;
  if (refreshes + retries + failures.size + throttles.size === 0) return {};
  const rejected = APP_KEY.reduce((total, code) => total + (failures.get(code) ?? 0), 0);
  return {
    Refreshes: refreshes,
    Failures: sum(failures),
    Retries: retries,
    Throttles: sum(throttles),
    AppKeyRejected: rejected,
    ...(Number.isFinite(limitLeft) ? { GitHubLimitLeft: limitLeft } : {}),
  };
};

/**
 * Metrics of the refresher, in namespace `km`:
 *
 * | metric | by | |
 * |---|---|---|
 * | `Refreshes` | `Prefix` | tokens published |
 * | `Failures` | `Prefix`; `Prefix`, `Reason` | owners whose refresh failed, by code; what was tried is this and `Refreshes` |
 * | `Retries` | `Prefix` | messages of the retry queue that were taken up |
 * | `Throttles` | `Prefix`; `Prefix`, `Service` | requests refused for their number, each attempt: `github`, `ssm`, `kms` |
 * | `AppKeyRejected` | `Prefix` | owners whose refresh failed by the App's key |
 * | `GitHubLimitLeft` | `Prefix` | the least that an answer told; its minimum is what counts |
 * | `StageMilliseconds` | `Prefix`, `Stage` | `load`, `resolve`, `mint`, `verify`, `write` |
 * | `OldestTokenAge` (s), `Sandboxes`, `PermanentFailures` | `Prefix` | of each survey |
 *
 * A line has one value for each dimension, so that what is told by reason, service or stage has lines of its own; a
 * good refresh in a warm process is one line. Sandboxes and owners are fields and no dimensions: each value of a
 * dimension is a metric that costs as much as a sandbox.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const createMetrics = ({ prefix, now }: MetricsOptions): Metrics => {
  let gathered = nothing();
  const stages = new Map<Stage, number[]>();
  let stagesTakenAt = Number.NEGATIVE_INFINITY;

  const line = (
    values: Readonly<Record<string, number | readonly number[]>>,
    by: Readonly<Record<string, string>> = {},
    fields: object = {},
  ): object => ({
    _aws: {
      Timestamp: now(),
      CloudWatchMetrics: [
        {
          Namespace: NAMESPACE,
          Dimensions: [['Prefix', ...Object.keys(by)]],
          Metrics: Object.keys(values).map((Name) => ({ Name, Unit: UNITS[Name] ?? 'Count' })),
        },
      ],
    },
    Prefix: prefix,
    ...by,
    ...values,
    ...fields,
  });

  const named = (sandboxId: string, owner: string): void => {
    if (gathered.sandboxes.size < MOST_NAMED) gathered.sandboxes.add(sandboxId);
    if (gathered.owners.size < MOST_NAMED) gathered.owners.add(owner);
  };

  const takeStages = (): readonly object[] => {
    const isFull = [...stages.values()].some((values) => values.length >= MOST_VALUES);
    if (stages.size === 0 || (now() - stagesTakenAt < STAGES_EVERY_MS && !isFull)) return [];
    const lines = [...stages].map(([Stage, StageMilliseconds]) => line({ StageMilliseconds }, { Stage }));
    stages.clear();
    stagesTakenAt = now();
    return lines;
  };

  const take = (): readonly object[] => {
    const { sandboxes, owners, failures, throttles, survey } = gathered;
    const values = { ...refreshValues(gathered), ...surveyValues(survey) };
    const fields = sandboxes.size === 0 ? {} : { sandbox_ids: [...sandboxes], owners: [...owners] };
    gathered = nothing();
    return [
      ...(Object.keys(values).length === 0 ? [] : [line(values, {}, fields)]),
      ...[...failures].map(([Reason, Failures]) => line({ Failures }, { Reason }, fields)),
      ...[...throttles].map(([Service, Throttles]) => line({ Throttles }, { Service }, fields)),
      ...takeStages(),
    ];
  };

  return {
    refreshed: (sandboxId, owner) => {
      named(sandboxId, owner);
      gathered.refreshes += 1;
    },
    failed: (sandboxId, owner, code) => {
      named(sandboxId, owner);
      added(gathered.failures, code);
    },
    retried: () => {
      gathered.retries += 1;
    },
    throttled: (service) => {
      added(gathered.throttles, service);
    },
    limitLeft: (remaining) => {
      gathered.limitLeft = Math.min(gathered.limitLeft, remaining);
    },
    surveyed: (survey) => {
      gathered.survey = survey;
    },
    timed: async (stage, work) => {
      const began = now();
      try {
        return await work();
      } finally {
        const values = stages.get(stage) ?? [];
        if (values.length < MOST_VALUES) values.push(Math.max(0, now() - began));
        stages.set(stage, values);
      }
    },
    take,
  };
};

/** A world whose answers of GitHub are counted: refusals for their number, and what is left of the hour. */
export const meteredWorld = (
  world: Omit<GitHubTransport, 'apiUrl'>,
  metrics: Pick<Metrics, 'throttled' | 'limitLeft'>,
): Omit<GitHubTransport, 'apiUrl'> => ({
  ...world,
  fetch: async (input, init) => {
    const response = await world.fetch(input, init);
    const { status, headers } = response;
    const remaining = headers.get('x-ratelimit-remaining');
    if (remaining !== null && /^\d{1,12}$/.test(remaining)) metrics.limitLeft(Number(remaining));
    if (status === 429 || (status === 403 && (headers.has('retry-after') || remaining === '0')))
      metrics.throttled('github');
    return response;
  },
});
