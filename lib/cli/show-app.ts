import type { FoundInstallation, InstallationComparison } from '../app/compare-installations.ts';
import type { SeenApp } from '../app/look-at-app.ts';
import type { ConfigurationItem } from '../app/plan-configuration.ts';
import { formatTable } from './format.ts';
import type { Terminal } from './terminal.ts';

/** Says which App it is. */
export function showApp(terminal: Terminal, { app, clientId, host }: SeenApp): void {
  const owner = app.owner === '' ? '' : `, owned by ${app.owner}`;
  terminal.result(
    `GitHub App ${terminal.style('bold', app.name)} (id ${app.id}, client id ${app.clientId ?? clientId}${owner}) on ${host}`,
  );
}

/** Says of each value whether it is new, as it was, or something else than what is stored. */
export function showItems(terminal: Terminal, items: readonly ConfigurationItem[], left: boolean): void {
  const width = Math.max(...items.map(({ what }) => what.length));
  for (const { what, state, given, stored } of items) {
    const name = what.padEnd(width);
    if (state === 'changed' && left) {
      terminal.result(
        `  ${terminal.style('red', '✗')} ${name}  ${stored} is stored and was left; given: ${given}`,
      );
    } else if (state === 'changed') {
      terminal.result(`  ${terminal.style('green', '✓')} ${name}  ${given}, in the place of ${stored}`);
    } else {
      const mark = state === 'new' ? terminal.style('green', '✓') : '=';
      terminal.result(`  ${mark} ${name}  ${given}${state === 'same' ? ', as stored already' : ''}`);
    }
  }
}

const HEADING = ['ACCOUNT', 'TYPE', 'INSTALLATION', 'REPOS', 'PERMISSIONS', 'STATE', 'STORED'];

const scope = (permissions: Readonly<Record<string, string>>): string =>
  Object.entries(permissions)
    .map(([name, level]) => `${name}:${level}`)
    .sort()
    .join(' ') || 'none';

const entry = ({ state, stored }: FoundInstallation): string =>
  state === 'changed' ? `changed (was ${stored})` : state;

/** Lists what GitHub installed the App on, beside what is stored. */
export function showInstallations(terminal: Terminal, { found, gone }: InstallationComparison): void {
  const count = (state: string) => found.filter((installation) => installation.state === state).length;
  const accounts = found.length <= 10 ? found.map(({ account }) => account).join(', ') : '';
  terminal.result(
    `${found.length} installation(s) found${accounts === '' ? '' : ` (${accounts})`}: ${count('new')} new, ${count('changed')} changed, ${gone.length} gone`,
  );
  if (found.length > 0) {
    const rows = found.map((installation) => [
      installation.account,
      installation.accountType || '-',
      String(installation.id),
      installation.repositorySelection,
      scope(installation.permissions),
      installation.suspended ? 'suspended' : 'active',
      entry(installation),
    ]);
    for (const line of formatTable([HEADING, ...rows])) terminal.result(`  ${line}`);
  }
  for (const { account, stored, renamedTo } of gone) {
    const name = account ?? 'the installation stored without an account';
    terminal.result(
      renamedTo === undefined
        ? `  gone: ${name} (${stored})`
        : `  gone: ${name} (${stored}), which is ${renamedTo} now`,
    );
  }
}

/** An App and its installations as `--json` prints them. */
export const appJson = ({ app, clientId, host }: SeenApp) => ({
  host,
  clientId,
  app: { id: app.id, slug: app.slug, name: app.name, owner: app.owner, url: app.htmlUrl },
});

/** The same for a discovery. */
export const installationsJson = ({ found, gone }: InstallationComparison) => ({
  installations: found.map((installation) => ({
    account: installation.account,
    type: installation.accountType,
    id: installation.id,
    repositorySelection: installation.repositorySelection,
    permissions: installation.permissions,
    suspended: installation.suspended,
    state: installation.state,
    ...(installation.stored === undefined ? {} : { stored: installation.stored }),
    ...(installation.settingsUrl === undefined ? {} : { url: installation.settingsUrl }),
  })),
  gone,
});
