import { randomInt } from 'node:crypto';
import type { Table } from '../aws/cloud.ts';
import { type App, randomText } from './app.ts';

type NewApp = Omit<App, 'id' | 'clientId' | 'createdAt' | 'updatedAt'>;

/** The Apps of a local GitHub, persisted. */
export class AppStore {
  readonly #table: Table<App>;
  readonly #counters: Table<number>;

  constructor(table: <T>(name: string) => Table<T>) {
    this.#table = table<App>('github-app');
    this.#counters = table<number>('github-counters');
  }

  /** All of them, the oldest first. */
  all(): App[] {
    return this.#table.values().sort((a, b) => a.createdAt - b.createdAt || a.id - b.id);
  }

  get(id: number): App | undefined {
    return this.#table.get(String(id));
  }

  bySlug(slug: string): App | undefined {
    return this.all().find((app) => app.slug === slug.toLowerCase());
  }

  /** The App whose client id or App id a JWT names. */
  byIssuer(issuer: string): App | undefined {
    return this.all().find(({ id, clientId }) => issuer === clientId || issuer === String(id));
  }

  /** Whether the seed's App was registered once already; it may have been deleted since. */
  get isSeeded(): boolean {
    return this.#counters.has('seeded-app');
  }

  markSeeded(): void {
    this.#counters.set('seeded-app', 1);
  }

  register(app: NewApp, now: number): App {
    const made: App = {
      ...app,
      id: randomInt(1_000_000, 10_000_000),
      clientId: `Iv23li${randomText(14)}`,
      createdAt: now,
      updatedAt: now,
    };
    this.#table.set(String(made.id), made);
    return made;
  }

  change(id: number, change: Partial<NewApp>, now: number): App | undefined {
    const app = this.get(id);
    if (!app) return undefined;
    const changed = { ...app, ...change, updatedAt: now };
    this.#table.set(String(id), changed);
    return changed;
  }

  /** Adds the public half of a key; the older ones stay valid until `dropOldKeys`. */
  addKey(id: number, publicKey: string, now: number): void {
    this.change(id, { publicKeys: [...(this.get(id)?.publicKeys ?? []), publicKey] }, now);
  }

  /** Leaves only the newest key. */
  dropOldKeys(id: number, now: number): void {
    this.change(id, { publicKeys: this.get(id)?.publicKeys.slice(-1) ?? [] }, now);
  }

  delete(id: number): boolean {
    return this.#table.delete(String(id));
  }
}
