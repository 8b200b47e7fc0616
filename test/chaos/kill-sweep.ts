import type { ChaosCloud } from './chaos-cloud.ts';
import type { KillAt } from './choke.ts';
import { type Findings, inParallel, tailOf } from './findings.ts';
import type { Fleet, Member } from './fleet.ts';
import type { SandboxPlan } from './plan.ts';
import { STEADY } from './seed-accounts.ts';

/** No command of these makes more calls; a sweep that gets here does not end. */
const MOST_CALLS = 40;

/** Who is killed in turn: one sandbox a call, ids apart from those of the plan. */
export const sweptSandbox = (call: number, when: KillAt['when']): SandboxPlan => ({
  id: `sb-${when === 'before' ? 'b' : 'a'}${call.toString(16).padStart(7, '0')}`,
  repos: [`${STEADY}/one`],
  encryption: call % 2 === 0 ? 'shared' : 'per-sandbox',
});

export interface Swept {
  /** Commands that were killed. */
  readonly kills: number;
  /** The most AWS calls that one of them came to. */
  readonly calls: number;
}

/**
 * Kills `km create` at its first AWS call, at its second, and so on, before the call and after it; and what is there
 * then with `km destroy` in the same way. Each time, doing the same again must come to a good end.
 */
export async function sweepKills(
  context: { readonly cloud: ChaosCloud; readonly findings: Findings },
  makeFleet: (plans: readonly SandboxPlan[]) => Fleet,
  options: { readonly most?: number } = {},
): Promise<Swept> {
  const most = options.most ?? MOST_CALLS;
  let kills = 0;
  let calls = 0;
  const sweep = async (when: KillAt['when']): Promise<void> => {
    let ended = { create: false, destroy: false };
    for (let call = 1; call <= most && !(ended.create && ended.destroy); call += 1) {
      const fleet = makeFleet([sweptSandbox(call, when)]);
      const [member] = fleet.members;
      if (!member) return;
      const killed = await killBoth(context, fleet, member, { call, when });
      ended = { create: !killed.create, destroy: !killed.destroy };
      kills += Number(killed.create) + Number(killed.destroy);
      calls = Math.max(calls, call);
    }
    if (options.most === undefined && !(ended.create && ended.destroy)) {
      context.findings.add(`no end to the AWS calls of km create or km destroy after ${MOST_CALLS}`);
    }
  };
  await inParallel(2, ['before', 'after'] as const, sweep);
  return { kills, calls };
}

async function killBoth(
  { findings }: { readonly findings: Findings },
  fleet: Fleet,
  member: Member,
  kill: KillAt,
): Promise<{ create: boolean; destroy: boolean }> {
  const at = `${kill.when} AWS call ${kill.call}`;
  const created = await fleet.run('create', member, kill);
  if (!created.killed && created.code !== 0)
    findings.add(`km create, to be killed ${at}: ${tailOf(created)}`);
  if (created.killed) {
    const again = await fleet.run('create', member);
    if (again.code !== 0 && !/exists already|ErrSandboxExists/.test(again.stderr)) {
      findings.add(`km create again after it was killed ${at}: ${tailOf(again)}`);
    }
  }
  const destroyed = await fleet.run('destroy', member, kill);
  const last = destroyed.killed ? await fleet.run('destroy', member) : destroyed;
  if (last.code !== 0) findings.add(`km destroy after it was killed ${at}: ${tailOf(last)}`);
  return { create: created.killed, destroy: destroyed.killed };
}
