import type { InspectAnswer } from '../broker/inspection.ts';
import { KmError } from '../errors.ts';
import type { Installation } from '../github/installation.ts';
import type { AppContext } from './app-context.ts';
import type { AppConfig, AppConfigChange } from './app-store.ts';
import { chooseInstallation, type InstallationChoice } from './choose-installation.ts';
import { lookWithKey, type SeenApp, seenByRefresher } from './look-at-app.ts';
import type { GivenKey } from './read-key-file.ts';

/** What is to be stored, as it was given. What is absent stays as it is stored. */
export interface ConfigurationRequest extends InstallationChoice {
  readonly key?: GivenKey | undefined;
  readonly clientId?: string | undefined;
  readonly host?: string | undefined;
}

/** One value beside the one that is stored. Never the key itself: its fingerprint. */
export interface ConfigurationItem {
  /** For a person: `private key`, `client id`, `host`, `installation of my-org`. */
  readonly what: string;
  readonly parameter: string;
  readonly state: 'new' | 'same' | 'changed';
  readonly given: string;
  readonly stored?: string;
}

export interface ConfigurationPlan {
  /** The App as GitHub describes it, now or once the plan is written. */
  readonly seen: SeenApp;
  readonly items: readonly ConfigurationItem[];
  /** What differs from what is stored. */
  readonly change: AppConfigChange;
  readonly chosen?: Installation;
}

const GITHUB = 'github.com';

/** There is no App that could be looked at. */
export const appNotConfigured = (): KmError =>
  new KmError('ErrGitHubNotConfigured', 'GitHub App not configured', {
    remedy: 'km github   (or km configure github --app-client-id ID --private-key-file PATH --account LOGIN)',
  });

/** What a request lacks for an App that can work, beside what is stored: to be asked for, or named all at once. */
export function missingParts(
  request: ConfigurationRequest,
  stored: AppConfig,
): readonly ('client id' | 'private key' | 'installation')[] {
  const hasKey = stored.privateKey !== undefined || stored.signingKey !== undefined;
  const hasInstallation = stored.installations.size > 0 || stored.legacyInstallationId !== undefined;
  const named = request.account !== undefined || request.installationId !== undefined;
  return [
    ...((request.clientId ?? stored.clientId) ? [] : (['client id'] as const)),
    ...(request.key || hasKey ? [] : (['private key'] as const)),
    ...(named || hasInstallation ? [] : (['installation'] as const)),
  ];
}

/**
 * Checks a request with GitHub, and holds it against what is stored. Writes nothing.
 *
 * With a key, GitHub is asked from this machine. Without one the refresher is asked, which alone can use the stored key,
 * so that then client id and host must be those stored.
 *
 * @param inspection What the refresher says; absent when nothing is stored that it could look at.
 * @throws {KmError} what {@link lookWithKey} and {@link chooseInstallation} throw, or `ErrUsage`.
 */
export async function planConfiguration(
  context: AppContext,
  request: ConfigurationRequest,
  stored: AppConfig,
  inspection: InspectAnswer | undefined,
): Promise<ConfigurationPlan> {
  const seen = await look(context, request, stored, inspection);
  refuseBesideKms(request, inspection, seen);
  const named = request.account !== undefined || request.installationId !== undefined;
  const chosen = named ? chooseInstallation(seen.installations, request, stored.installations) : undefined;
  const items = itemsOf(context, { request, stored, inspection, seen, chosen });
  const differs = new Set(items.filter(({ state }) => state !== 'same').map(({ parameter }) => parameter));
  const { names } = context.cloud;
  return {
    seen,
    items,
    ...(chosen === undefined ? {} : { chosen }),
    change: {
      ...(request.key ? { slug: seen.app.slug, retireSigningKey: inspection?.signer === 'parameter' } : {}),
      ...(request.key && differs.has(names.privateKey) ? { privateKey: request.key.pem } : {}),
      ...(differs.has(names.appClientId) ? { clientId: seen.clientId } : {}),
      ...(differs.has(names.host) ? { host: seen.host } : {}),
      ...(chosen && differs.has(names.installation(chosen.account)) ? { installations: [chosen] } : {}),
    },
  };
}

async function look(
  context: AppContext,
  request: ConfigurationRequest,
  stored: AppConfig,
  inspection: InspectAnswer | undefined,
): Promise<SeenApp> {
  const clientId = request.clientId ?? stored.clientId;
  if (request.key) {
    if (clientId === undefined)
      throw new KmError('ErrUsage', 'No client id is stored yet: --app-client-id ID');
    return lookWithKey(context, { clientId, key: request.key, host: request.host ?? stored.host });
  }
  const changed = [
    ...(request.clientId !== undefined && request.clientId !== stored.clientId ? ['--app-client-id'] : []),
    ...(request.host !== undefined && request.host !== (stored.host ?? GITHUB) ? ['--hostname'] : []),
  ];
  if (changed.length > 0 && !isOtherName(request, inspection)) {
    throw new KmError(
      'ErrUsage',
      `${changed.join(' and ')} cannot be checked with GitHub without a private key of that App.`,
      {
        remedy: `add --private-key-file PATH${stored.clientId ? ', and --force to replace the stored App' : ''}`,
      },
    );
  }
  if (inspection === undefined) {
    throw new KmError('ErrGitHubNotConfigured', 'GitHub App not configured', {
      remedy:
        'km github   (or km configure github --app-client-id ID --private-key-file PATH --account LOGIN)',
    });
  }
  const seen = seenByRefresher(inspection);
  return request.clientId === undefined ? seen : { ...seen, clientId: request.clientId };
}

/** The stored App has two names for the JWT, client id and App id: either may take the other's place. */
function isOtherName(request: ConfigurationRequest, inspection: InspectAnswer | undefined): boolean {
  const app = inspection?.jwt?.ok ? inspection.app : undefined;
  if (app === undefined || (request.host !== undefined && request.host !== inspection?.host)) return false;
  return request.clientId === app.client_id || request.clientId === String(app.id);
}

/** A key that signs in KMS is not left for a stored one by the way. */
function refuseBesideKms(
  { key }: ConfigurationRequest,
  inspection: InspectAnswer | undefined,
  seen: SeenApp,
): void {
  if (inspection?.signer !== 'kms' || inspection.app?.id !== seen.app.id) return;
  const inUse = inspection.key?.fingerprint;
  if (key === undefined || key.fingerprint === inUse) return;
  throw new KmError('ErrAppConfigExists', `The App signs with another key, ${inUse}, which is in KMS`, {
    remedy: '--rotate-key imports this one into KMS in its place; --signer parameter stores it instead',
  });
}

interface Known {
  readonly request: ConfigurationRequest;
  readonly stored: AppConfig;
  readonly inspection: InspectAnswer | undefined;
  readonly seen: SeenApp;
  readonly chosen: Installation | undefined;
}

function itemsOf({ cloud: { names } }: AppContext, known: Known): ConfigurationItem[] {
  const { request, stored, seen, chosen } = known;
  const items: ConfigurationItem[] = [];
  if (request.key)
    items.push(item('private key', names.privateKey, request.key.fingerprint, storedKey(known)));
  if (request.key || request.clientId !== undefined)
    items.push(item('client id', names.appClientId, seen.clientId, stored.clientId));
  if (request.key || request.host !== undefined) {
    // github.com is what no host means, so that it is there as soon as an App is.
    const host = stored.host ?? (stored.clientId === undefined ? undefined : GITHUB);
    if (seen.host !== GITHUB || (host ?? GITHUB) !== GITHUB)
      items.push(item('host', names.host, seen.host, host));
  }
  if (chosen) {
    const id = stored.installations.get(chosen.account.toLowerCase());
    const what = `installation of ${chosen.account}`;
    items.push(item(what, names.installation(chosen.account), String(chosen.id), id));
  }
  return items;
}

const item = (
  what: string,
  parameter: string,
  given: string,
  stored: string | undefined,
): ConfigurationItem => ({
  what,
  parameter,
  given,
  state: stored === undefined ? 'new' : stored === given ? 'same' : 'changed',
  ...(stored === undefined ? {} : { stored }),
});

/** The stored key by its fingerprint, or by what is wrong with it. */
function storedKey({ stored, inspection }: Known): string | undefined {
  if (stored.privateKey === undefined && stored.signingKey === undefined) return undefined;
  const { key } = inspection ?? {};
  return key?.fingerprint ?? key?.problem?.message ?? 'a key that cannot be read';
}
