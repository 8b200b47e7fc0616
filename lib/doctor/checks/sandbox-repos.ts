import type { SandboxRecord } from '../../sandbox/sandbox-record.ts';
import { type Check, type Finding, fail, NotLooked, ok, skip } from '../check.ts';
import type { Facts, ScopeProblem } from '../facts.ts';
import { acceptedApp } from './github.ts';
import { FEW, lookedAt } from './sandboxes.ts';

/** What the checks of the App and of its installations tell already. */
const TOLD_ELSEWHERE =
  /^ErrGitHub(NotConfigured|BadKey|BadHost|KeyOfAnotherApp|ClockSkew|InstallationMissing|InstallationSuspended|InstallationMismatch|PermissionNotGranted)$/;

/** Whether GitHub still grants each sandbox its scope, asked as a refresh asks it; the same scope is asked for once. */
export const sandboxRepos: Check = {
  id: 'sandbox-repos',
  title: 'Sandbox repos',
  async run(facts) {
    const { sandboxes } = await lookedAt(facts);
    const groups = byScope(sandboxes);
    if (groups.length === 0) return [ok('none to look at')];
    await acceptedApp(facts);
    const asked = facts.options.ids.length > 0 ? groups : groups.slice(0, FEW);
    const found = (await Promise.all(asked.map((group) => ofGroup(facts, group)))).flat();
    const left = groups.slice(asked.length).flat();
    const rest =
      left.length > 0
        ? [
            skip(
              `${left.length} sandboxes with further scopes not looked at`,
              `km doctor ${left
                .slice(0, FEW)
                .map(({ id }) => id)
                .join(' ')}`,
            ),
          ]
        : [];
    const each = ok('each is in its installation, and GitHub grants it');
    return [...(found.length === 0 ? [each] : found), ...rest];
  },
};

function byScope(sandboxes: readonly SandboxRecord[]): SandboxRecord[][] {
  const groups = new Map<string, SandboxRecord[]>();
  for (const sandbox of sandboxes) {
    if (!sandbox.event) continue;
    const { allowed_repos, permissions } = sandbox.event;
    const key = JSON.stringify([[...allowed_repos].sort(), permissions]);
    groups.set(key, [...(groups.get(key) ?? []), sandbox]);
  }
  return [...groups.values()];
}

async function ofGroup(facts: Facts, group: readonly SandboxRecord[]): Promise<Finding[]> {
  const [first] = group;
  if (!first?.event) return [];
  const problems = await facts.scopeProblems(first.event).catch(() => {
    throw new NotLooked('the refresher does not answer');
  });
  const whose =
    group
      .slice(0, 3)
      .map(({ id }) => id)
      .join(', ') + (group.length > 3 ? ` and ${group.length - 3} more` : '');
  return problems.map((problem): Finding => ({ ...ofProblem(problem, whose), subject: first.id }));
}

const ofProblem = ({ code, message, remedy }: ScopeProblem, whose: string): Finding =>
  TOLD_ELSEWHERE.test(code)
    ? skip(`${whose}: not looked at: ${message}`)
    : fail(`${whose}: ${message}`, remedy ?? 'km doctor');
