import { createHash, timingSafeEqual } from 'node:crypto';
import { KmError } from '../errors.ts';
import type { TokenHolder } from '../proxy/server/token-holder.ts';
import type { Secret } from '../secret.ts';

/** A token as Parameter Store has it. */
export interface StoredToken {
  readonly token: Secret;
  /** When it was put there, in milliseconds since the epoch on the cloud's clock: an hour later at the latest it dies. */
  readonly storedAt: number;
  readonly version: number;
}

export interface TokenSourceOptions {
  /** The parameter of each owner's token, by the lower-case owner; `*` for the one account of the installation. */
  readonly parameters: () => ReadonlyMap<string, string>;
  /** Reads a parameter, or an earlier version of it; rejects with `ErrTokenUnreadable`. */
  readonly read: (parameter: string, version?: number) => Promise<StoredToken>;
  /** Milliseconds since the epoch, on the cloud's clock. */
  readonly now: () => Promise<number>;
}

interface Held extends StoredToken {
  readonly readAt: number;
  /** GitHub refused it. */
  readonly isRefused?: boolean;
}

/** https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app. Milliseconds. */
const LIFETIME_MS = 60 * 60_000;
/** A token with less to live than this is read anew. */
const MARGIN_MS = 5 * 60_000;
/** A parameter is asked for at most this often, whatever comes from inside. */
const PAUSE_MS = 5_000;

const digestOf = (secret: Secret): Buffer => createHash('sha256').update(secret.reveal()).digest();

const expiresAt = ({ storedAt }: StoredToken): number => storedAt + LIFETIME_MS;

const expired = (parameter: string): KmError =>
  new KmError('ErrTokenUnreadable', `The token at ${parameter} has expired, and no other took its place.`, {
    remedy: 'km doctor',
  });

/**
 * The tokens that km issued to a sandbox, read from Parameter Store when they are asked for. One is kept in memory, by
 * its parameter, until five minutes before it expires or until GitHub refuses it; those who ask at once share a read.
 */
export class TokenSource implements TokenHolder {
  readonly #options: TokenSourceOptions;
  readonly #held = new Map<string, Held>();
  readonly #reading = new Map<string, Promise<Held>>();
  /** When each parameter was last read because of a token that nobody knows. */
  readonly #lookedAt = new Map<string, number>();
  /** When each token that was ever seen dies, by its SHA-256 in hexadecimal. */
  readonly #seen = new Map<string, number>();

  constructor(options: TokenSourceOptions) {
    this.#options = options;
  }

  owners(): readonly string[] {
    return [...this.#options.parameters().keys()];
  }

  async token(owner: string): Promise<Secret | undefined> {
    const parameter = this.#parameterOf(owner);
    return parameter === undefined ? undefined : (await this.#current(parameter)).token;
  }

  async isIssued(candidate: Secret): Promise<boolean> {
    const digest = digestOf(candidate);
    if (await this.#isSeen(digest)) return true;
    const names = [...this.#options.parameters().values()];
    const looks = await Promise.allSettled(names.map((name) => this.#lookAgain(name)));
    if (await this.#isSeen(digest)) return true;
    // It may be the one that could not be read.
    for (const look of looks) if (look.status === 'rejected') throw look.reason;
    return false;
  }

  forget(owner: string): void {
    const parameter = this.#parameterOf(owner);
    const held = parameter === undefined ? undefined : this.#held.get(parameter);
    if (parameter !== undefined && held) this.#held.set(parameter, { ...held, isRefused: true });
  }

  #parameterOf(owner: string): string | undefined {
    const parameters = this.#options.parameters();
    return parameters.get(owner.toLowerCase()) ?? parameters.get('*');
  }

  async #current(parameter: string): Promise<Held> {
    const held = this.#held.get(parameter);
    if (held === undefined) return this.#read(parameter);
    const now = await this.#options.now();
    const isGood = !held.isRefused && now < expiresAt(held) - MARGIN_MS;
    if (isGood || (now - held.readAt < PAUSE_MS && now < expiresAt(held))) return held;
    return this.#read(parameter).catch((error: unknown) => {
      // Parameter Store's bad minute is not the sandbox's, while what is in hand still works.
      if (held.isRefused || now >= expiresAt(held)) throw error;
      return held;
    });
  }

  #read(parameter: string): Promise<Held> {
    const running = this.#reading.get(parameter);
    if (running) return running;
    const reading = this.#readNow(parameter).finally(() => this.#reading.delete(parameter));
    this.#reading.set(parameter, reading);
    return reading;
  }

  async #readNow(parameter: string): Promise<Held> {
    const stored = await this.#options.read(parameter);
    const held = { ...stored, readAt: await this.#options.now() };
    if (expiresAt(held) <= held.readAt) throw expired(parameter);
    this.#held.set(parameter, held);
    this.#see(stored);
    return held;
  }

  #see(stored: StoredToken): void {
    this.#seen.set(digestOf(stored.token).toString('hex'), expiresAt(stored));
  }

  async #isSeen(digest: Buffer): Promise<boolean> {
    const now = await this.#options.now();
    let found = false;
    for (const [known, until] of this.#seen) {
      if (until <= now) this.#seen.delete(known);
      else if (timingSafeEqual(Buffer.from(known, 'hex'), digest)) found = true;
    }
    return found;
  }

  /** The parameter as it is now, and the token before it, which lives on until it expires. */
  async #lookAgain(parameter: string): Promise<void> {
    const now = await this.#options.now();
    const looked = this.#lookedAt.get(parameter);
    if (looked !== undefined && now - looked < PAUSE_MS) return;
    this.#lookedAt.set(parameter, now);
    const known = this.#held.get(parameter)?.version;
    const { version } = await this.#read(parameter);
    if (version > 1 && version !== known) {
      // It may be gone, since Parameter Store keeps a hundred versions.
      const earlier = await this.#options.read(parameter, version - 1).catch(() => undefined);
      if (earlier) this.#see(earlier);
    }
  }
}
