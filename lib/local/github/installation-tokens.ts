import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Table } from '../aws/cloud.ts';
import { randomText } from './app.ts';
import type { GitHubFaults } from './faults.ts';
import { GitHubError } from './github-error.ts';
import type { Permissions } from './permissions.ts';

export const TOKEN_LIFE_MS = 3_600_000;
const SWEEP_EVERY = 100;

/** What is kept of an installation access token, under the SHA-256 of it; never the token. */
export interface StoredToken {
  readonly installationId: number;
  /** Absent: all repositories of the installation. */
  readonly repositoryIds?: readonly number[];
  readonly permissions: Permissions;
  readonly mintedAt: number;
  readonly expiresAt: number;
}

export interface MintOptions {
  readonly appId: number;
  readonly installationId: number;
  readonly repositoryIds?: readonly number[];
  readonly permissions: Permissions;
  /** Milliseconds on GitHub's clock. */
  readonly now: number;
  /** Asks for one of the two forms; absent: they alternate. */
  readonly form?: 'stateful' | 'stateless';
}

const sha256 = (token: string): string => createHash('sha256').update(token).digest('hex');

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The stateless form, `ghs_APPID_JWT`. Clients hold it opaque, so that its signature is random bytes here. */
const statelessToken = (options: MintOptions): string => {
  const issuedAt = Math.floor(options.now / 1000);
  const claims = {
    iss: 'github.localhost',
    iat: issuedAt,
    exp: issuedAt + TOKEN_LIFE_MS / 1000,
    jti: randomUUID(),
    sub: options.installationId,
  };
  const signature = randomBytes(256).toString('base64url');
  return `ghs_${options.appId}_${base64url({ alg: 'RS256', typ: 'JWT' })}.${base64url(claims)}.${signature}`;
};

const badCredentials = () => new GitHubError(401, 'Bad credentials');

/** Mints, finds and revokes installation access tokens. */
export class InstallationTokens {
  readonly #table: Table<StoredToken>;
  readonly #faults: () => GitHubFaults;
  /** Requests seen of tokens that a fault holds back, by hash. */
  readonly #refused = new Map<string, number>();
  #minted = 0;

  constructor(table: <T>(name: string) => Table<T>, faults: () => GitHubFaults) {
    this.#table = table<StoredToken>('github-tokens');
    this.#faults = faults;
  }

  /** A new token: every second one is of the long, stateless form unless one form is asked for. */
  mint(options: MintOptions): { token: string; expiresAt: number } {
    if (this.#minted % SWEEP_EVERY === 0) this.#sweep(options.now);
    const form = options.form ?? (this.#minted % 2 === 0 ? 'stateful' : 'stateless');
    this.#minted += 1;
    const token = form === 'stateful' ? `ghs_${randomText(36)}` : statelessToken(options);
    const expiresAt = options.now + TOKEN_LIFE_MS;
    this.#table.set(sha256(token), {
      installationId: options.installationId,
      ...(options.repositoryIds ? { repositoryIds: options.repositoryIds } : {}),
      permissions: options.permissions,
      mintedAt: options.now,
      expiresAt,
    });
    return { token, expiresAt };
  }

  /** The token's record. Throws 401 'Bad credentials' for an unknown, expired, revoked or held back one. */
  find(token: string, now: number): StoredToken {
    const hash = sha256(token);
    const stored = this.#table.get(hash);
    if (!stored || stored.expiresAt <= now || this.#isHeldBack(hash, stored, now)) throw badCredentials();
    return stored;
  }

  revoke(token: string): void {
    this.#table.delete(sha256(token));
  }

  /** Revokes every token of an installation, as uninstalling does. */
  revokeAll(installationId: number): void {
    for (const [hash, stored] of this.#table.entries())
      if (stored.installationId === installationId) this.#table.delete(hash);
  }

  #isHeldBack(hash: string, stored: StoredToken, now: number): boolean {
    const fault = this.#faults().freshToken;
    if (!fault) return false;
    if (fault.seconds !== undefined && now < stored.mintedAt + fault.seconds * 1000) return true;
    const refused = this.#refused.get(hash) ?? 0;
    if (refused >= (fault.requests ?? 0)) return false;
    this.#refused.set(hash, refused + 1);
    return true;
  }

  #sweep(now: number): void {
    for (const [hash, stored] of this.#table.entries()) {
      if (stored.expiresAt > now) continue;
      this.#table.delete(hash);
      this.#refused.delete(hash);
    }
  }
}
