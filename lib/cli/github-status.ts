import { inspectApp } from '../app/inspect-app.ts';
import type { InspectAnswer } from '../broker/inspection.ts';
import { coversLevel } from '../github/permissions.ts';
import { formatMoment, formatTable } from './format.ts';
import type { Invocation } from './invocation.ts';

/** `km github status`: the App as GitHub and the refresher see it. Exit code 1 when something is wrong with it. */
export async function run(invocation: Invocation): Promise<number | undefined> {
  const { options, terminal } = invocation;
  const { context } = await invocation.session();
  terminal.progress('asking the refresher, which asks GitHub');
  const answer = await inspectApp(context);
  if (options.json) terminal.json(answer);
  else for (const line of describe(answer, await context.now())) terminal.result(line);
  if (answer.problems.length > 0 && !options.json) {
    for (const { message, code, remedy } of answer.problems) {
      terminal.error(`${terminal.style('red', 'error:', 'stderr')} ${message} (${code})`);
      if (remedy !== undefined) terminal.error(`${terminal.style('cyan', '→', 'stderr')} ${remedy}`);
    }
  }
  return answer.problems.length > 0 ? 1 : undefined;
}

/** The lines of one answer: what could not be found out is left out. */
export function describe(answer: InspectAnswer, now: number): string[] {
  const { app, key, host, signer, client_id, installations = [], stored_installations } = answer;
  const lines: string[] = [];
  const line = (label: string, text: string | undefined) => {
    if (text !== undefined) lines.push(`${label.padEnd(14)}${text}`);
  };
  line('App', app && `${app.name} (${app.html_url})`);
  if (!app) line('App', answer.configured ? 'GitHub does not tell' : 'not configured');
  line('Owner', app && `${app.owner}${app.owner_type ? ` (${app.owner_type.toLowerCase()})` : ''}`);
  line('Client id', client_id);
  line('Host', host);
  line('Permissions', app && scopeOf(app.permissions));
  line(
    'Signer',
    signer === 'kms' ? `KMS key ${key?.kms_key_id ?? ''}`.trim() : 'private key in Parameter Store',
  );
  line('Key', key && keyOf(key, now));
  if (installations.length > 0) {
    const stored = new Map(stored_installations.map(({ owner, id }) => [owner, id]));
    lines.push('', 'Installations');
    const rows = installations.map((each) => [
      each.account,
      String(each.id),
      each.repository_selection === 'all' ? 'all repos' : 'selected repos',
      stateOf(each, stored.get(each.account.toLowerCase()), app?.permissions ?? {}),
    ]);
    lines.push(...formatTable([['ACCOUNT', 'ID', 'REPOS', 'STATE'], ...rows]).map((row) => `  ${row}`));
  } else if (answer.installations) {
    line('Installations', `none: install it at ${app?.html_url ?? host}`);
  }
  return lines;
}

const scopeOf = (permissions: Readonly<Record<string, string>>): string =>
  Object.entries(permissions)
    .map(([name, level]) => `${name}:${level}`)
    .sort()
    .join(' ');

const keyOf = (key: NonNullable<InspectAnswer['key']>, now: number): string => {
  const kind = key.type === undefined ? undefined : `${key.type.toUpperCase()} ${key.bits ?? ''}`.trim();
  const stored =
    key.stored_at === undefined ? undefined : `stored ${formatMoment(Date.parse(key.stored_at), now)}`;
  return [kind, key.fingerprint, stored, key.ok ? undefined : 'cannot sign']
    .filter((part) => part !== undefined)
    .join(', ');
};

/** In the order in which it matters. */
const stateOf = (
  installation: NonNullable<InspectAnswer['installations']>[number],
  stored: number | undefined,
  asked: Readonly<Record<string, string>>,
): string => {
  if (installation.suspended) return `suspended: ${installation.html_url ?? 'see its settings'}`;
  const open = Object.entries(asked).filter(
    ([name, level]) => !coversLevel(installation.permissions[name], level),
  );
  if (open.length > 0) return `has not accepted ${scopeOf(Object.fromEntries(open))}`;
  if (stored === undefined) return 'not stored: km configure github --discover';
  return stored === installation.id ? 'ok' : `stored as ${stored}: km configure github --discover --force`;
};
