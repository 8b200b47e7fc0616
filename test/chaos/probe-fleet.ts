import type { ChaosCloud } from './chaos-cloud.ts';
import { type Findings, inParallel, tailOf } from './findings.ts';
import type { Fleet, Member } from './fleet.ts';
import type { OwnerAct } from './plan.ts';
import { askGitHub, type Listed, readTokens } from './sandbox-tokens.ts';

/** What the owners of accounts have done so far, as far as it decides what may be expected. */
export interface Reach {
  /** Accounts on which something was ever changed: a token there may be gone, and come back with the next refresh. */
  readonly touched: ReadonlySet<string>;
  readonly acts: readonly OwnerAct[];
}

export const accountOf = (repo: string): string => repo.split('/', 1)[0] ?? '';

/** Whether GitHub refuses a token for this repo for good, by what the owners did last. */
export function isRefused({ acts }: Reach, repo: string): boolean {
  const account = accountOf(repo);
  let refused = false;
  for (const act of acts) {
    if (act.account !== account) continue;
    if ('suspended' in act.change) refused = act.change.suspended;
    else refused = !act.change.repositories.includes(repo.slice(account.length + 1));
  }
  return refused;
}

export async function listFleet(cloud: ChaosCloud): Promise<Map<string, Listed>> {
  const ended = await cloud.km(['list', '--json']);
  if (ended.code !== 0) throw new Error(`km list: ${tailOf(ended)}`);
  const { sandboxes } = JSON.parse(ended.stdout) as { sandboxes: Listed[] };
  return new Map(sandboxes.map((each) => [each.id, each]));
}

/** Whether it may have come to its end by itself. */
export const mayHaveEnded = ({ expiresAt }: Member, now: number): boolean =>
  expiresAt === 'maybe' || (expiresAt !== undefined && expiresAt <= now);

/**
 * Uses the token of every sandbox that is to have one, with no faults in force, and remembers it. What does not work
 * is a gap: of sandboxes on accounts that their owners left alone there must be none.
 */
export async function probeFleet(
  context: { readonly cloud: ChaosCloud; readonly fleet: Fleet; readonly findings: Findings },
  reach: Reach,
  when: string,
): Promise<{ used: number }> {
  const { cloud, fleet, findings } = context;
  const [listed, now] = await Promise.all([listFleet(cloud), cloud.now()]);
  let used = 0;
  await inParallel(6, fleet.members, async (member) => {
    const sandbox = listed.get(member.id);
    const calm = member.want === 'live' && member.unsure === undefined && !mayHaveEnded(member, now);
    if (!sandbox || sandbox.roleArn === undefined || sandbox.paused) {
      if (calm)
        findings.add(`${when}: ${member.id} is ${sandbox ? sandbox.health : 'not there'}, and should live`);
      return;
    }
    if (!/^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(sandbox.stackStatus)) return;
    const tokens = await readTokens(cloud, sandbox).catch((error: Error) => error);
    if (tokens instanceof Error) {
      if (calm) findings.add(`${when}: the tokens of ${member.id} cannot be read: ${tokens.message}`);
      return;
    }
    for (const { owner, value } of tokens) {
      if (member.dead.has(value))
        findings.add(`${when}: ${member.id} still has a token that was to be revoked`);
      member.tokens.add(value);
      const repo = member.repos.find((each) => accountOf(each) === owner);
      if (!calm || repo === undefined || reach.touched.has(owner)) continue;
      const status = await askGitHub(cloud, value, repo);
      used += 1;
      if (status !== 200)
        findings.add(`${when}: the token of ${member.id} is answered ${status} for ${repo}`);
    }
    const missing = sandbox.allowedRepos?.find(
      (repo) => !tokens.some(({ owner }) => owner === accountOf(repo)),
    );
    if (calm && missing !== undefined && !reach.touched.has(accountOf(missing))) {
      findings.add(`${when}: ${member.id} has no token for ${missing}`);
    }
  });
  return { used };
}
