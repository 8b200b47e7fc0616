import { generateKeyPair, randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import type { Table } from '../aws/cloud.ts';
import type { Permissions } from './permissions.ts';
import type { Seed } from './seed.ts';

/** The App as GitHub holds it: the public halves of its keys only. */
export interface App {
  readonly id: number;
  readonly clientId: string;
  readonly slug: string;
  readonly permissions: Permissions;
  /** PEM, SPKI. */
  readonly publicKeys: readonly string[];
  readonly createdAt: number;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** `length` random letters and digits, as in GitHub's client ids and tokens. */
export const randomText = (length: number): string =>
  Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

/** A 2,048-bit RSA key: the public half as SPKI PEM, the private one as PKCS#1 PEM, as GitHub issues it. */
export const generateAppKey = (): Promise<{ publicKey: string; privateKey: string }> =>
  promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });

/** The one App of a local GitHub, persisted. */
export class AppStore {
  readonly #table: Table<App>;

  constructor(table: <T>(name: string) => Table<T>) {
    this.#table = table<App>('github-app');
  }

  get(): App | undefined {
    return this.#table.get('app');
  }

  /** The App of a local GitHub that has started. */
  require(): App {
    const app = this.get();
    if (!app) throw new Error('The local GitHub has no App: its state was emptied while it ran');
    return app;
  }

  /** Registers the App under the public half of its first key. */
  register(seed: Seed['app'], publicKey: string, now: number): void {
    this.#table.set('app', {
      id: randomInt(1_000_000, 10_000_000),
      clientId: `Iv23li${randomText(14)}`,
      slug: seed.slug,
      permissions: { metadata: 'read', ...seed.permissions },
      publicKeys: [publicKey],
      createdAt: now,
    });
  }

  /** Adds a key; the older ones stay valid until `dropOldKeys`. Returns the private half, which is not kept. */
  async addKey(): Promise<string> {
    const { publicKey, privateKey } = await generateAppKey();
    this.#change((app) => ({ ...app, publicKeys: [...app.publicKeys, publicKey] }));
    return privateKey;
  }

  /** Leaves only the newest key. */
  dropOldKeys(): void {
    this.#change((app) => ({ ...app, publicKeys: app.publicKeys.slice(-1) }));
  }

  #change(change: (app: App) => App): void {
    const app = this.get();
    if (app) this.#table.set('app', change(app));
  }
}
