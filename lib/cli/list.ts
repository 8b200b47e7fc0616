import { type ListedSandbox, listSandboxes } from '../sandbox/list-sandboxes.ts';
import { formatDuration, formatTable } from './format.ts';
import type { Invocation } from './invocation.ts';
import { healthStyle, sandboxJson } from './show-sandbox.ts';

/** `km list`: every sandbox in a line, without a request a sandbox. */
export async function run(invocation: Invocation): Promise<undefined> {
  const { options, terminal } = invocation;
  const { context } = await invocation.session();
  const [sandboxes, now] = await Promise.all([listSandboxes(context), context.now()]);
  if (options.json) {
    terminal.json({ sandboxes: sandboxes.map((sandbox) => sandboxJson(sandbox, now)) });
    return;
  }
  if (sandboxes.length === 0) {
    terminal.progress('No sandboxes. Create one: km create PROFILE');
    return;
  }
  const heading = [
    'ID',
    'PROFILE',
    'AGE',
    'TTL LEFT',
    'OWNERS',
    'REPOS',
    'TOKEN AGE',
    'EXPIRES IN',
    'HEALTH',
  ];
  const [first = '', ...lines] = formatTable([heading, ...sandboxes.map((sandbox) => row(sandbox, now))]);
  terminal.result(terminal.style('bold', first));
  for (const [index, line] of lines.entries()) {
    terminal.result(terminal.style(healthStyle(sandboxes[index]?.health ?? 'failed'), line));
  }
}

function row(sandbox: ListedSandbox, now: number): string[] {
  const minted = Math.min(...sandbox.tokens.map(({ mintedAt }) => Date.parse(mintedAt)));
  const expires = Math.min(...sandbox.tokens.map(({ expiresAt }) => Date.parse(expiresAt)));
  const failures = [...new Set(sandbox.tokens.flatMap(({ failure }) => failure?.code ?? []))];
  const repos = sandbox.event?.allowed_repos ?? [];
  return [
    sandbox.id,
    sandbox.profile,
    formatDuration(now - sandbox.createdAt),
    sandbox.expiresAt === undefined ? 'none' : formatDuration(sandbox.expiresAt - now),
    sandbox.owners.join(',') || '-',
    repos.some((repo) => repo.endsWith('*')) ? 'all' : String(repos.length),
    Number.isFinite(minted) ? formatDuration(now - minted) : '-',
    Number.isFinite(expires) ? formatDuration(expires - now) : '-',
    failures.length > 0 ? `${sandbox.health}: ${failures.join(', ')}` : sandbox.health,
  ];
}
