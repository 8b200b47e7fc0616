import { createHash, randomBytes } from 'node:crypto';
import type { Table } from '../aws/cloud.ts';
import { type App, generateAppKey, slugOf } from './app.ts';
import type { AppStore } from './app-store.ts';
import type { Account, Directory } from './directory.ts';
import type { Manifest } from './manifest.ts';

const LONGEST_NAME = 34;
export const CODE_LIFE_MS = 3_600_000;

/** What is kept of a manifest's code, under the SHA-256 of it. */
interface StoredCode {
  readonly appId: number;
  readonly expiresAt: number;
  readonly webhook: boolean;
}

export interface Registration {
  readonly manifest: Manifest;
  readonly name: string;
  readonly owner: Account;
  /** Given back with the code. */
  readonly state?: string | undefined;
  readonly now: number;
}

export interface Conversion {
  readonly app: App;
  /** PKCS#1 PEM, handed out here only. */
  readonly pem: string;
  readonly clientSecret: string;
  /** Null without a webhook. */
  readonly webhookSecret: string | null;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Makes Apps from manifests, and exchanges the codes for what they are configured with. */
export class AppRegistrations {
  readonly #apps: AppStore;
  readonly #directory: Directory;
  readonly #codes: Table<StoredCode>;

  constructor(apps: AppStore, directory: Directory, table: <T>(name: string) => Table<T>) {
    this.#apps = apps;
    this.#directory = directory;
    this.#codes = table<StoredCode>('github-manifest-codes');
  }

  /** Why an App of that owner cannot bear a name, as GitHub words it. Names are one for all of GitHub. */
  nameProblem(name: string, owner: Account): string | undefined {
    const slug = slugOf(name);
    if (slug === '') return "Name can't be blank";
    if (name.length > LONGEST_NAME) return `Name is too long (maximum is ${LONGEST_NAME} characters)`;
    const namesake = this.#directory.account(slug);
    if (this.#apps.bySlug(slug) || (namesake && namesake.id !== owner.id))
      return 'Name has already been taken';
    return undefined;
  }

  /** Registers the App, which has no key yet. Returns where the browser goes: `redirect_url` with the code. */
  register({ manifest, name, owner, state, now }: Registration): {
    app: App;
    code: string;
    location: string;
  } {
    const app = this.#apps.register(
      {
        slug: slugOf(name),
        name,
        description: manifest.description ?? '',
        url: manifest.url,
        ownerId: owner.id,
        public: manifest.public ?? false,
        permissions: { metadata: 'read', ...manifest.default_permissions },
        events: manifest.default_events ?? [],
        ...(manifest.setup_url ? { setupUrl: manifest.setup_url } : {}),
        ...(manifest.setup_on_update ? { setupOnUpdate: true } : {}),
        publicKeys: [],
      },
      now,
    );
    const code = randomBytes(20).toString('hex');
    this.#codes.set(sha256(code), {
      appId: app.id,
      expiresAt: now + CODE_LIFE_MS,
      webhook: manifest.hook_attributes !== undefined,
    });
    const location = new URL(manifest.redirect_url);
    location.searchParams.set('code', code);
    if (state !== undefined) location.searchParams.set('state', state);
    return { app, code, location: location.href };
  }

  /** Exchanges a code, once and within an hour. Undefined for any other, and when the App is gone. */
  async convert(code: string, now: number): Promise<Conversion | undefined> {
    const hash = sha256(code);
    const stored = this.#codes.get(hash);
    this.#codes.delete(hash);
    if (!stored || stored.expiresAt <= now) return undefined;
    const { publicKey, privateKey } = await generateAppKey();
    this.#apps.addKey(stored.appId, publicKey, now);
    const app = this.#apps.get(stored.appId);
    return (
      app && {
        app,
        pem: privateKey,
        clientSecret: randomBytes(20).toString('hex'),
        webhookSecret: stored.webhook ? randomBytes(20).toString('hex') : null,
      }
    );
  }
}
