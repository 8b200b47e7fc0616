import { createHash } from 'node:crypto';
import { createGitHubApp, type GitHubApp } from '../github/app.ts';
import { type AppSigner, pemSigner } from '../github/app-signer.ts';
import { notConfigured } from '../github/errors.ts';
import { gitHubHost } from '../github/hosts.ts';
import type { Installation } from '../github/installation.ts';
import type { GitHubTransport } from '../github/request.ts';
import type { Secret } from '../secret.ts';
import type { ResourceNames } from './names.ts';
import { MOST_NAMES_IN_A_CALL, type ParameterStore } from './parameter-store.ts';
import { appKeyPlace, neededParameters, type SigningKeys } from './signing-keys.ts';

export interface AppSourceOptions {
  readonly store: ParameterStore;
  readonly names: ResourceNames;
  /** The world to send in; its REST base comes from the stored host. */
  readonly world: Omit<GitHubTransport, 'apiUrl'>;
  /** Overrides the REST base, see `gitHubHost`. */
  readonly apiUrl?: string;
  /** See `BrokerOptions`. */
  readonly signingKeys?: SigningKeys;
  /** Signs with the key that a rotation is about to switch to; default false. */
  readonly candidate?: boolean;
}

/** What is stored about the App, and about the owners that were asked for. */
export interface KnownApp {
  readonly app: GitHubApp;
  /** Installation ids as stored, by lower-case owner. Hints: GitHub is asked about each. */
  readonly installations: ReadonlyMap<string, number>;
  readonly legacyInstallation: number | undefined;
  /** Installations that GitHub has confirmed while this App was kept, by lower-case owner. Whoever resolves one adds it. */
  readonly confirmed: Map<string, Installation>;
  /** Tells credentials apart without being them. */
  readonly fingerprint: string;
}

export interface AppSource {
  /**
   * The App and the stored installations of these owners.
   *
   * @throws {KmError} `ErrGitHubNotConfigured`, `ErrGitHubBadKey`, `ErrGitHubBadHost`, `ErrAws`.
   */
  readonly load: (owners: readonly string[]) => Promise<KnownApp>;
  /** Forgets the App, unless another one has been loaded since. */
  readonly drop: (app: GitHubApp) => void;
  /** Where tokens are revoked, which needs no App. Throws `ErrGitHubBadHost`, `ErrAws`. */
  readonly transport: () => Promise<GitHubTransport>;
}

/** How long what was read counts: a key rotated in Parameter Store is in use after this at the latest. */
const LIFETIME_MS = 5 * 60_000;

interface Entry {
  readonly readAt: number;
  readonly app: GitHubApp;
  readonly legacyInstallation: number | undefined;
  readonly fingerprint: string;
  readonly confirmed: Map<string, Installation>;
  /** Owners that were asked for; `undefined` where nothing is stored. */
  readonly installations: Map<string, number | undefined>;
}

/** An installation id as it is stored, or `undefined` when it is none. */
export const storedInstallationId = (stored: string | undefined): number | undefined => {
  const text = stored?.trim() ?? '';
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
};

/**
 * Reads the App's parameters, and keeps them for five minutes at most.
 *
 * | cache | key | lifetime | who evicts |
 * |---|---|---|---|
 * | App, legacy installation | one for the platform | 5 min | age; `drop` on a 401 |
 * | installation hints | owner, within that entry | the entry's | with the entry |
 * | confirmed installations | owner, within that entry | the entry's | with the entry; a mint that fails |
 * | calls in flight | the owners asked for | the call | its end |
 *
 * A load of up to six owners is one GetParameters call. Nothing is kept of a load that failed.
 * IAM: `ssm:GetParameters` on the config path; `kms:Decrypt` for the private key, or `kms:Sign` in its place.
 */
export const createAppSource = (options: AppSourceOptions): AppSource => {
  const { store, names, world } = options;
  const place = appKeyPlace(options);
  const needed = neededParameters(names, place);
  let entry: Entry | undefined;
  const inFlight = new Map<string, Promise<Entry>>();

  const transportTo = (host: Secret | undefined): GitHubTransport => {
    const { apiUrl } = gitHubHost({
      ...(host === undefined ? {} : { host: host.reveal() }),
      ...(options.apiUrl === undefined ? {} : { apiUrl: options.apiUrl }),
    });
    return { ...world, apiUrl };
  };

  const fresh = (): Entry | undefined =>
    entry !== undefined && world.now() - entry.readAt < LIFETIME_MS && world.now() >= entry.readAt
      ? entry
      : undefined;

  const readFromStore = async (wanted: readonly string[]): Promise<ReadonlyMap<string, Secret>> => {
    const values = new Map<string, Secret>();
    for (let start = 0; start < wanted.length; start += MOST_NAMES_IN_A_CALL) {
      const some = await store.read(wanted.slice(start, start + MOST_NAMES_IN_A_CALL));
      for (const [name, value] of some) values.set(name, value);
    }
    return values;
  };

  const signerOf = (values: ReadonlyMap<string, Secret>): AppSigner | undefined => {
    if (place.signer === 'kms') return place.keys.signer(place.alias);
    const pem = values.get(place.parameter);
    return pem && pem.reveal().trim() !== '' ? pemSigner(pem) : undefined;
  };

  const newEntry = (values: ReadonlyMap<string, Secret>): Entry => {
    const clientId = values.get(names.appClientId)?.reveal().trim();
    const signer = clientId ? signerOf(values) : undefined;
    if (!clientId || !signer)
      throw notConfigured(needed.filter((name) => !values.get(name)?.reveal().trim()));
    // A key in KMS is looked up at each signature, so that there is nothing of it to read again.
    const key = place.signer === 'kms' ? place.alias : values.get(place.parameter)?.reveal();
    return {
      readAt: world.now(),
      app: createGitHubApp({ clientId, signer, transport: transportTo(values.get(names.host)) }),
      legacyInstallation: storedInstallationId(values.get(names.legacyInstallationId)?.reveal()),
      fingerprint: createHash('sha256').update(`${clientId}\n${key}`).digest('hex'),
      confirmed: new Map(),
      installations: new Map(),
    };
  };

  const read = async (owners: readonly string[]): Promise<Entry> => {
    const kept = fresh();
    const unknown = owners.filter((owner) => !kept?.installations.has(owner));
    const app = [...needed, names.host, names.legacyInstallationId];
    const hints = unknown.map((owner) => names.installation(owner));
    const values = await readFromStore(kept ? hints : [...app, ...hints]);
    const read = kept ?? newEntry(values);
    for (const owner of unknown)
      read.installations.set(owner, storedInstallationId(values.get(names.installation(owner))?.reveal()));
    if (!kept) entry = read;
    return read;
  };

  const load = async (owners: readonly string[]): Promise<KnownApp> => {
    const key = [...owners].sort().join(' ');
    const running = inFlight.get(key) ?? read(owners).finally(() => inFlight.delete(key));
    inFlight.set(key, running);
    const known = await running;
    const installations = new Map<string, number>();
    for (const owner of owners) {
      const id = known.installations.get(owner);
      if (id !== undefined) installations.set(owner, id);
    }
    const { app, legacyInstallation, confirmed, fingerprint } = known;
    return { app, installations, legacyInstallation, confirmed, fingerprint };
  };

  const drop = (app: GitHubApp): void => {
    if (entry?.app === app) entry = undefined;
  };

  const transport = async (): Promise<GitHubTransport> => {
    const kept = fresh();
    if (kept) return kept.app.transport;
    return transportTo((await store.read([names.host])).get(names.host));
  };

  return { load, drop, transport };
};
