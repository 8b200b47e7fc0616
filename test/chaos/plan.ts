import type { KillAt } from './choke.ts';
import { drawFaults, type FaultSet, GITHUB_DOWN } from './draw-faults.ts';
import { type Random, seeded } from './random.ts';
import { REPOS, SHRINKING, STEADY, SUSPENDED } from './seed-accounts.ts';

export interface PlanOptions {
  readonly seed: number;
  readonly sandboxes: number;
  /** Of virtual time, in which faults happen. */
  readonly minutes: number;
  /** Among which that time is divided. */
  readonly rounds: number;
}

export interface SandboxPlan {
  readonly id: string;
  readonly repos: readonly string[];
  readonly encryption: 'per-sandbox' | 'shared';
  /** Minutes; absent: until destroyed. */
  readonly ttl?: number;
}

/** One thing that an operator does. With `kill`, km dies at that AWS call. */
export interface Act {
  readonly kind: 'create' | 'destroy' | 'pause' | 'resume' | 'extend' | 'update' | 'revoke' | 'refresh';
  readonly sandbox: number;
  readonly kill?: KillAt;
}

/** What the owner of an account does on GitHub's pages. */
export interface OwnerAct {
  readonly account: string;
  readonly change: { readonly suspended: boolean } | { readonly repositories: readonly string[] };
}

export interface Round {
  readonly minutes: number;
  readonly faults: FaultSet;
  readonly acts: readonly Act[];
  readonly owner: readonly OwnerAct[];
  /** The local cloud is stopped, or killed, and started again in the midst of the round. */
  readonly restart?: 'stop' | 'SIGKILL';
}

export interface Plan extends PlanOptions {
  readonly fleet: readonly SandboxPlan[];
  readonly chaos: readonly Round[];
}

const idOf = (seed: number, index: number): string =>
  `sb-${((seed & 0xffff) * 0x10000 + index).toString(16).padStart(8, '0')}`;

const drawSandbox = (random: Random, { seed, minutes }: PlanOptions, index: number): SandboxPlan => {
  const accounts = random.some([STEADY, STEADY, SUSPENDED, SHRINKING], random.chance(0.3) ? 2 : 1);
  return {
    id: idOf(seed, index),
    repos: [...new Set(accounts)].map((account) => `${account}/${random.pick(REPOS)}`),
    encryption: random.chance(0.3) ? 'shared' : 'per-sandbox',
    ...(random.chance(0.15) ? { ttl: random.int(Math.ceil(minutes / 2), minutes + 20) } : {}),
  };
};

const LATER = [
  'pause',
  'resume',
  'resume',
  'extend',
  'update',
  'revoke',
  'refresh',
  'refresh',
  'destroy',
] as const;

const drawKillAt = (random: Random): KillAt => ({
  call: random.int(1, 9),
  when: random.pick(['before', 'after']),
});

/** What operators do to sandboxes that are there: to some of them something, in every round. */
const drawActs = (random: Random, made: readonly number[]): Act[] =>
  random.some(made, Math.ceil(made.length / 8)).map((sandbox): Act => {
    const kind = random.pick(LATER);
    return { kind, sandbox, ...(random.chance(0.4) ? { kill: drawKillAt(random) } : {}) };
  });

/** Who owns the accounts changes the App's reach: suspended in the middle, and a repo taken away for good. */
const ownerActs = (index: number, rounds: number): OwnerAct[] => {
  const acts: OwnerAct[] = [];
  if (index === Math.floor(rounds * 0.3)) acts.push({ account: SUSPENDED, change: { suspended: true } });
  if (index === Math.floor(rounds * 0.8)) acts.push({ account: SUSPENDED, change: { suspended: false } });
  if (index === Math.floor(rounds * 0.5)) {
    acts.push({ account: SHRINKING, change: { repositories: REPOS.slice(1) } });
  }
  return acts;
};

/** Everything that will be done, drawn from the seed before anything is. */
export function makePlan(options: PlanOptions): Plan {
  const { seed, sandboxes, minutes, rounds } = options;
  const random = seeded(seed);
  const fleet = Array.from({ length: sandboxes }, (_, index) => drawSandbox(random, options, index));
  // Most are there from the beginning, so that their refreshes fall into the hour.
  const first = Math.ceil(sandboxes * 0.7);
  const downFrom = Math.floor(rounds * 0.75);
  const downFor = Math.max(1, Math.floor(10 / (minutes / rounds)));
  const made: number[] = [];
  const chaos = Array.from({ length: rounds }, (_, index): Round => {
    const share = index === 0 ? first : Math.ceil((sandboxes - first) / (rounds - 1 || 1));
    const next = made.length;
    const creates = fleet.slice(next, next + share).map((_each, offset): Act => {
      const kill = index > 0 && random.chance(0.4) ? { kill: drawKillAt(random) } : {};
      return { kind: 'create', sandbox: next + offset, ...kill };
    });
    const acts = [...creates, ...drawActs(random, made)];
    made.push(...creates.map(({ sandbox }) => sandbox));
    const isDown = index >= downFrom && index < downFrom + downFor;
    const restart =
      index > 0 && random.chance(0.35) ? random.pick(['stop', 'SIGKILL', 'SIGKILL'] as const) : undefined;
    return {
      minutes: minutes / rounds,
      faults: isDown ? GITHUB_DOWN : drawFaults(random),
      acts,
      owner: ownerActs(index, rounds),
      ...(restart ? { restart } : {}),
    };
  });
  return { ...options, fleet, chaos };
}

/** The plan in a few lines a round, for whoever has to understand a failure. */
export function describePlan({ chaos, fleet }: Plan): string[] {
  const name = (index: number): string => fleet[index]?.id ?? '?';
  const kill = (act: Act): string => (act.kill ? ` (killed ${act.kill.when} call ${act.kill.call})` : '');
  return chaos.flatMap((round, index) => [
    `round ${index + 1}, ${round.minutes} minutes${round.restart ? `, local cloud: ${round.restart}` : ''}`,
    `  faults ${JSON.stringify(round.faults)}`,
    ...round.owner.map(({ account, change }) => `  ${account}: ${JSON.stringify(change)}`),
    `  ${round.acts.map((act) => `${act.kind} ${name(act.sandbox)}${kill(act)}`).join(', ') || 'no acts'}`,
  ]);
}
