import { appSettingsUrl } from '../../app/app-settings-url.ts';
import type { InspectAnswer, InspectedApp } from '../../broker/inspection.ts';
import { ownerScopes } from '../../broker/owner-scopes.ts';
import { coversLevel } from '../../github/permissions.ts';
import type { SandboxRecord } from '../../sandbox/sandbox-record.ts';
import { type Check, type Finding, fail, ok, warn } from '../check.ts';
import { acceptedApp } from './github.ts';

type Levels = Readonly<Record<string, string>>;

/** What sandboxes need, together, by lower-case owner; `*` stands for whichever account it is. */
export function neededPermissions(sandboxes: readonly SandboxRecord[]): ReadonlyMap<string, Levels> {
  const needed = new Map<string, Record<string, string>>();
  for (const { event } of sandboxes) {
    for (const { owner } of ownerScopes(event?.allowed_repos ?? [])) {
      const levels = needed.get(owner) ?? {};
      for (const [name, level] of Object.entries(event?.permissions ?? {})) {
        if (!coversLevel(levels[name], level)) levels[name] = level;
      }
      needed.set(owner, levels);
    }
  }
  return needed;
}

const lacking = (granted: Levels, asked: Levels): string[] =>
  Object.entries(asked).flatMap(([name, level]) =>
    coversLevel(granted[name], level) ? [] : [`${name}: ${level}`],
  );

/** The App's permissions against what sandboxes in use need, and which account has not accepted what the App asks for. */
export const appPermissions: Check = {
  id: 'app-permissions',
  title: 'App permissions',
  async run(facts) {
    const { app, installations = [] } = await acceptedApp(facts);
    if (!app) return [];
    const needed = neededPermissions(await facts.sandboxes());
    const findings = [...ofTheApp(app, needed), ...ofInstallations(app, installations, needed)];
    if (findings.length > 0) return findings;
    const asked = Object.entries(app.permissions).map(([name, level]) => `${name}: ${level}`);
    return [ok(`${asked.join(', ')}; all that sandboxes in use need, and accepted everywhere`)];
  },
};

function ofTheApp(app: InspectedApp, needed: ReadonlyMap<string, Levels>): Finding[] {
  const missing = [...new Set([...needed.values()].flatMap((levels) => lacking(app.permissions, levels)))];
  if (missing.length === 0) return [];
  return [
    fail(
      `the App does not ask for ${missing.join(', ')}, which sandboxes in use need`,
      `${permissionsPage(app)}   # add it there; km github permissions tells why`,
    ),
  ];
}

function ofInstallations(
  app: InspectedApp,
  installations: NonNullable<InspectAnswer['installations']>,
  needed: ReadonlyMap<string, Levels>,
): Finding[] {
  return installations.flatMap(({ account, permissions, html_url }): Finding[] => {
    const pending = lacking(permissions, app.permissions);
    if (pending.length === 0) return [];
    const wanted = { ...needed.get('*'), ...needed.get(account.toLowerCase()) };
    // What the App does not ask for either is told of the App.
    const isMissed = Object.entries(wanted).some(
      ([name, level]) => coversLevel(app.permissions[name], level) && !coversLevel(permissions[name], level),
    );
    const remedy = `${html_url ?? `${new URL(app.html_url).origin}/settings/installations`}   # an owner of ${account} accepts it there`;
    const finding = `${account} has not accepted ${pending.join(', ')}`;
    return [
      {
        ...(isMissed ? fail(`${finding}, which its sandboxes need`, remedy) : warn(finding, remedy)),
        subject: account,
      },
    ];
  });
}

/** Where an App's owner changes what it asks for. */
const permissionsPage = ({ html_url, owner, owner_type = '', slug }: InspectedApp): string =>
  `${appSettingsUrl(new URL(html_url).origin, { slug, owner, ownerType: owner_type })}/permissions`;
