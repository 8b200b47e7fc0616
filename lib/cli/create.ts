import { REFRESH_EVERY_MINUTES } from '../broker/refresh-period.ts';
import type { SandboxPlan } from '../profile/compile-profile.ts';
import { type CheckedOwner, checkAccess } from '../sandbox/check-access.ts';
import {
  type CreatedSandbox,
  createSandbox,
  egressOf,
  guardOf,
  newSandboxId,
  refreshEventOf,
  sandboxExists,
} from '../sandbox/create-sandbox.ts';
import { checkSandboxId, lookUpStack } from '../sandbox/find-sandbox.ts';
import { checkFits } from '../sandbox/stack-parameters.ts';
import { formatDuration, formatMoment } from './format.ts';
import { interruptible } from './interruptible.ts';
import type { Invocation } from './invocation.ts';
import { readTemplate } from './package-root.ts';
import { readProfile } from './read-profile.ts';
import { readTtlOption } from './read-ttl-option.ts';
import { sameCloud } from './same-cloud.ts';
import { showResource } from './show-resource.ts';
import type { Terminal } from './terminal.ts';

/** `km create PROFILE`: checks everything that can be checked, then makes the stack and waits for its token. */
export async function run(invocation: Invocation): Promise<undefined> {
  const { args, options, terminal } = invocation;
  const plan = await readProfile(args[0] ?? '', terminal);
  const ttlSeconds = options.ttl === undefined ? plan.ttlSeconds : readTtlOption(options.ttl.toString());
  const { context } = await invocation.session();
  const id =
    options.id === undefined ? newSandboxId(context, plan.prefix) : checkSandboxId(options.id.toString());
  if (options.id !== undefined && (await lookUpStack(context, id))) throw sandboxExists(id);
  const event = refreshEventOf(plan, id);
  checkFits({ guard: guardOf(plan), egress: egressOf(plan), ...(event ? { event } : {}) });

  let owners: readonly CheckedOwner[] = [];
  if (plan.github) {
    terminal.progress(`checking ${plan.github.allowedRepos.join(', ')} with GitHub`);
    owners = await checkAccess(context, {
      allowed_repos: plan.github.allowedRepos,
      permissions: plan.github.permissions,
    });
  }
  if (options.dryRun) return showPlan(terminal, options.json === true, { id, plan, ttlSeconds, owners });

  const templateBody = await readTemplate('sandbox');
  const startedAt = Date.now();
  terminal.progress(`creating sandbox ${id}`);
  const created = await interruptible(terminal, 'taking the sandbox back; this takes a moment', (signal) =>
    createSandbox(context, {
      id,
      plan,
      ttlSeconds,
      templateBody,
      mode: options.standard ? 'STANDARD' : 'EXPRESS',
      onEvent: (event) => showResource(terminal, event, startedAt),
      onStep: (step) => terminal.progress(`  … ${step}`),
      signal,
    }),
  );
  const now = await context.now();
  if (options.json) terminal.json({ ...created, ...times(created), profile: plan.name, owners });
  else showCreated(invocation, created, plan, now);
}

const times = ({ expiresAt }: CreatedSandbox) =>
  expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() };

function showCreated(
  { options, terminal }: Invocation,
  created: CreatedSandbox,
  plan: SandboxPlan,
  now: number,
): void {
  const { id, tokens, expiresAt } = created;
  const there = sameCloud(options);
  terminal.result(`${terminal.style('bold', id)} is ready.`);
  terminal.result(`  reaches   ${plan.github?.allowedRepos.join(', ') ?? 'no GitHub (mode: none)'}`);
  if (plan.github) {
    terminal.result(`  may       ${plan.github.verbs.join(', ')}${refsOf(plan)}`);
    const first = Math.min(...tokens.map((token) => Date.parse(token.expiresAt)));
    terminal.result(
      `  token     until ${formatMoment(first, now)}, refreshed every ${REFRESH_EVERY_MINUTES}m`,
    );
  }
  terminal.result(
    `  lives     ${expiresAt === undefined ? 'until destroyed' : `until ${formatMoment(expiresAt, now)}`}`,
  );
  const example = plan.github?.allowedRepos.find((repo) => !repo.includes('*')) ?? 'OWNER/REPO';
  terminal.result(
    plan.substrate === 'docker'
      ? `  use it    km exec ${id}${there} -- git clone https://github.com/${example}`
      : `  use it    km install-script ${id}${there}   (what to run in the ${plan.substrate} instance, task or image)`,
  );
  terminal.result(`  end it    km destroy ${id}${there}`);
}

const refsOf = ({ github }: SandboxPlan): string => {
  const refs = github?.guard.allowedRefs;
  if (!github?.verbs.includes('push') || refs === undefined) return '';
  return ` (push to: ${refs.join(' ') || 'no ref'})`;
};

function showPlan(
  terminal: Terminal,
  json: boolean,
  plan: { id: string; plan: SandboxPlan; ttlSeconds: number; owners: readonly CheckedOwner[] },
): undefined {
  if (json) {
    terminal.json({ ...plan, dryRun: true });
    return;
  }
  const { github } = plan.plan;
  terminal.result(`Plan for sandbox ${plan.id} (${plan.plan.name}); nothing was created.`);
  for (const { owner, installation_id, repositories, permissions } of plan.owners) {
    const repos = repositories === 'all' ? 'every repo of the installation' : repositories.join(', ');
    const scope = Object.entries(permissions).map(([name, level]) => `${name}:${level}`);
    terminal.result(`  ${owner}  installation ${installation_id}  ${repos}  [${scope.join(' ')}]`);
  }
  terminal.result(
    `  may       ${github ? `${github.verbs.join(', ')}${refsOf(plan.plan)}` : 'no GitHub (mode: none)'}`,
  );
  terminal.result(`  substrate ${plan.plan.substrate}`);
  terminal.result(
    `  lives     ${plan.ttlSeconds === 0 ? 'until destroyed' : formatDuration(plan.ttlSeconds * 1000)}`,
  );
}
