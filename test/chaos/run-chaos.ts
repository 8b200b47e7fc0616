import { setTimeout as delay } from 'node:timers/promises';
import { audit } from './audit.ts';
import { ChaosCloud } from './chaos-cloud.ts';
import { NO_FAULTS } from './draw-faults.ts';
import { Findings, inParallel } from './findings.ts';
import { Fleet } from './fleet.ts';
import { sweepKills } from './kill-sweep.ts';
import type { OwnerAct, Plan, Round } from './plan.ts';
import { probeFleet, type Reach } from './probe-fleet.ts';
import { settleFleet } from './settle.ts';

/** Longer than a schedule's period: by then every sandbox was refreshed once more. */
const CALM_MINUTES = 65;
const CALM_STEP_MINUTES = 5;

/** On the machine's clock: operators who take longer after the end of a round see time pass. */
const SLOW_MS = 10_000;

export interface ChaosOptions {
  /** How far the sweep of kills goes: AWS calls; absent: to the last. */
  readonly sweep?: number;
  /** Between two looks at all tokens once the faults are over: 5 when absent. */
  readonly calmStepMinutes?: number;
  /** In how many sandboxes git is run at the end. */
  readonly git: number;
  readonly log: (line: string) => void;
}

export interface ChaosReport {
  readonly findings: readonly string[];
  readonly summary: readonly string[];
}

interface Figures {
  commands: number;
  failed: number;
  killed: number;
  restarts: number;
  probes: number;
}

/** Carries out a plan over a cloud of its own, and says what did not hold. */
export async function runChaos(plan: Plan, options: ChaosOptions): Promise<ChaosReport> {
  const { log } = options;
  const findings = new Findings(log);
  await using cloud = await ChaosCloud.start();
  const fleets: Fleet[] = [];
  const makeFleet = (plans: Plan['fleet']): Fleet => {
    const made = new Fleet(cloud, plans);
    fleets.push(made);
    return made;
  };
  const swept = await sweepKills(
    { cloud, findings },
    makeFleet,
    options.sweep ? { most: options.sweep } : {},
  );
  log(`killed at every AWS call: ${swept.kills} kills, ${swept.calls} calls`);

  const fleet = makeFleet(plan.fleet);
  const figures: Figures = { commands: 0, failed: 0, killed: 0, restarts: 0, probes: 0 };
  const acts: OwnerAct[] = [];
  const reach: Reach = { touched: new Set(), acts };
  const touch = (account: string): void => void (reach.touched as Set<string>).add(account);
  for (const [index, round] of plan.chaos.entries()) {
    for (const { account, change } of round.owner) {
      await cloud.admin('PATCH', `github/installations/${account}`, change);
      acts.push({ account, change });
      touch(account);
    }
    await playRound({ cloud, fleet, figures, log }, round);
    const { used } = await probeFleet({ cloud, fleet, findings }, reach, `round ${index + 1}`);
    figures.probes += used;
    log(`round ${index + 1} of ${plan.rounds}: ${used} tokens used`);
  }

  const { repeated } = await settleFleet({ cloud, fleet, findings }, reach);
  log(`the faults are over: ${repeated} commands run again`);
  // What was under way when they ended is over by the first step.
  await cloud.advanceTo((await cloud.now()) + 60_000);
  const calmSince = await cloud.now();
  const step = options.calmStepMinutes ?? CALM_STEP_MINUTES;
  for (let minute = 0; minute < CALM_MINUTES; minute += step) {
    await cloud.advanceTo((await cloud.now()) + step * 60_000);
    figures.probes += (await probeFleet({ cloud, fleet, findings }, reach, `calm minute ${minute}`)).used;
  }
  const audited = await audit({ cloud, fleets, findings }, reach, { calmSince, git: options.git });
  return {
    findings: findings.list,
    summary: [
      `${swept.kills} kills in turn over ${swept.calls} AWS calls of km create and km destroy`,
      `${figures.commands} commands under faults: ${figures.failed} failed, ${figures.killed} killed; ` +
        `${figures.restarts} restarts of the local cloud; ${repeated} commands run again`,
      `${figures.probes} tokens used on the way; at the end ${audited.working} work, ` +
        `${audited.permanent} are refused for a reason that is told; git in ${audited.git} sandboxes`,
    ],
  };
}

async function playRound(
  context: {
    readonly cloud: ChaosCloud;
    readonly fleet: Fleet;
    readonly figures: Figures;
    readonly log: (line: string) => void;
  },
  round: Round,
): Promise<void> {
  const { cloud, fleet, figures, log } = context;
  const start = await cloud.now();
  const half = start + (round.minutes * 60_000) / 2;
  await cloud.setFaults(round.faults);
  const operators = inParallel(4, round.acts, async (act) => {
    const done = await fleet.perform(act);
    if (!done) return;
    const { code, killed, hung } = done.ended;
    figures.commands += 1;
    figures.failed += Number(code !== 0 && !killed);
    figures.killed += Number(killed);
    if (code !== 0 && !killed) {
      const said = done.ended.stderr.trim().split('\n').at(-1)?.slice(0, 200);
      log(`  km ${act.kind} ${done.id}: ${hung ? 'hung' : code} ${said}`);
    }
  });
  await cloud.advanceTo(half);
  if (round.restart) {
    await cloud.restart(round.restart);
    figures.restarts += 1;
  }
  await cloud.advanceTo(start + round.minutes * 60_000);
  await cloud.setFaults(NO_FAULTS);
  // What waits for a retry, as a stack does whose function was killed, waits for the clock.
  let working = true;
  operators
    .finally(() => {
      working = false;
    })
    .catch(() => undefined);
  while (working) {
    await Promise.race([operators, delay(SLOW_MS)]);
    if (working) await cloud.advanceTo((await cloud.now()) + 30_000);
  }
  await operators;
}
