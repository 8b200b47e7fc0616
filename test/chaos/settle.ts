import type { ChaosCloud } from './chaos-cloud.ts';
import { type Findings, inParallel, tailOf } from './findings.ts';
import type { Fleet, Member } from './fleet.ts';
import { isRefused, listFleet, mayHaveEnded, type Reach } from './probe-fleet.ts';
import type { Listed } from './sandbox-tokens.ts';

interface Context {
  readonly cloud: ChaosCloud;
  readonly fleet: Fleet;
  readonly findings: Findings;
}

const HEALTHY_STACK = /^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/;

/** Waits for what a killed or failed command has left under way in CloudFormation. */
async function quiet(cloud: ChaosCloud): Promise<Map<string, Listed>> {
  for (;;) {
    const listed = await listFleet(cloud);
    if (![...listed.values()].some(({ stackStatus }) => stackStatus.endsWith('_IN_PROGRESS'))) return listed;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/**
 * With the faults over, does what operators do who did not see their command succeed: they look, and run it again. It
 * must come to a good end now, unless GitHub refuses for good.
 */
export async function settleFleet(context: Context, reach: Reach): Promise<{ repeated: number }> {
  const { cloud, fleet, findings } = context;
  const [listed, now] = [await quiet(cloud), await cloud.now()];
  let repeated = 0;
  await inParallel(4, fleet.members, async (member) => {
    const sandbox = listed.get(member.id);
    if (member.want === 'absent') return;
    // Nobody saw it made: whoever finds it in good order keeps it, else it is destroyed.
    if (member.unsure === 'create' && sandbox && HEALTHY_STACK.test(sandbox.stackStatus))
      delete member.unsure;
    const kind = commandToRepeat(member, sandbox, now);
    if (kind === undefined) return;
    repeated += 1;
    const ended = await fleet.run(kind, member);
    if (ended.code === 0) return;
    const refused = member.repos.some((repo) => isRefused(reach, repo)) || kind === 'update';
    if (refused && (kind === 'resume' || kind === 'update') && ended.code === 1) {
      delete member.unsure;
      if (kind === 'resume') member.want = 'paused';
      return;
    }
    findings.add(`km ${kind} ${member.id}, once the faults were over: ${ended.code} ${tailOf(ended)}`);
  });
  return { repeated };
}

/** What is to be run for a member now; brings what is wanted in line with what happened by itself. */
function commandToRepeat(member: Member, sandbox: Listed | undefined, now: number) {
  if (sandbox === undefined) {
    const explained = member.unsure === 'create' || member.want === 'gone' || mayHaveEnded(member, now);
    if (explained) member.want = 'gone';
    delete member.unsure;
    return undefined;
  }
  if (member.want === 'gone') return 'destroy' as const;
  if (!HEALTHY_STACK.test(sandbox.stackStatus)) return 'destroy' as const;
  if (member.unsure === undefined || member.unsure === 'create') return undefined;
  return member.unsure;
}
