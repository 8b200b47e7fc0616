import type { ErrorCode } from '../errors.ts';
import type { GitHubApp } from '../github/app.ts';
import type { Installation } from '../github/installation.ts';
import { type MintedToken, mintToken } from '../github/mint-token.ts';
import type { Permissions } from '../github/permissions.ts';
import type { KnownApp } from './app-source.ts';
import type { Broker } from './broker.ts';
import { asKmError, tokenSha256 } from './broker-log.ts';
import type { OwnerScope } from './owner-scopes.ts';
import { resolveInstallation, resolveOnlyInstallation } from './resolve-installation.ts';

export interface IssueTokenOptions {
  /** `null` for a check before there is a sandbox. */
  readonly sandboxId: string | null;
  readonly scope: OwnerScope;
  /** All owners of the event: they are read from Parameter Store in one call. */
  readonly owners: readonly string[];
  readonly permissions: Permissions;
  /** The event's hint. */
  readonly installationId?: number;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

export interface IssuedToken extends MintedToken {
  readonly app: GitHubApp;
  readonly installation: Installation;
  /** The scope's owner, or for `*` the account that it turned out to be; lower case. */
  readonly owner: string;
  readonly sha256: string;
}

/** GitHub's words for credentials that are not, or no longer, the App's. */
const REJECTED: readonly ErrorCode[] = ['ErrGitHubKeyOfAnotherApp'];

const installationFor = async (
  broker: Broker,
  known: KnownApp,
  options: IssueTokenOptions,
): Promise<Installation> => {
  const { scope, owners, deadline } = options;
  if (scope.owner === '*') {
    const path = broker.names.installationsPath;
    const stored = await broker.store.list(path);
    return resolveOnlyInstallation(known.app, {
      knownOwners: stored.map((name) => name.slice(path.length + 1)),
      mustBe: scope.mustBe ?? [],
      deadline,
    });
  }
  const onlyOwner = owners.length === 1;
  return resolveInstallation(known.app, {
    owner: scope.owner,
    stored: known.installations.get(scope.owner),
    // With several owners, an id without a name beside it says nothing about which of them it is.
    guesses: onlyOwner
      ? [options.installationId, known.legacyInstallation].filter((id) => id !== undefined)
      : [],
    deadline,
  });
};

/** What a confirmed installation that is gone, or whose account has another name by now, makes of a mint. */
const OUTDATED: readonly ErrorCode[] = ['ErrGitHubInstallationMissing', 'ErrGitHubUnexpectedAnswer'];

/**
 * Mints by an installation that GitHub has confirmed, in this process and some minutes ago at most; when it is not that any
 * more, it is resolved once more. See docs/decisions/confirmed-installations.md.
 */
const issueWith = async (
  broker: Broker,
  known: KnownApp,
  options: IssueTokenOptions,
): Promise<IssuedToken> => {
  const { scope, permissions, deadline } = options;
  const { app, confirmed } = known;
  const { owner, repositories } = scope;
  const kept = confirmed.get(owner);
  const installation =
    kept ?? (await broker.metrics.timed('resolve', () => installationFor(broker, known, options)));
  try {
    const minted = await broker.metrics.timed('mint', () =>
      mintToken(app, { installation, repositories, permissions, deadline }),
    );
    if (owner !== '*') confirmed.set(owner, installation);
    const account = installation.account.toLowerCase();
    return { ...minted, app, installation, owner: account, sha256: tokenSha256(minted.token) };
  } catch (error) {
    confirmed.delete(owner);
    if (kept === undefined || !OUTDATED.includes(asKmError(error).code)) throw error;
    return issueWith(broker, known, options);
  }
};

/** Hints of `*` are not read by owner. */
const hinted = (owners: readonly string[]): readonly string[] => owners.filter((owner) => owner !== '*');

/**
 * Mints one owner's token with exactly that owner's scope, and logs it.
 *
 * When GitHub rejects the App's credentials, they are read again, and if they have changed it is tried once more: a
 * rotated key heals without a new process.
 *
 * @throws {KmError} what loading the App, resolving the installation and minting throw.
 */
export const issueToken = async (broker: Broker, options: IssueTokenOptions): Promise<IssuedToken> => {
  const owners = hinted(options.owners);
  const known = await broker.metrics.timed('load', () => broker.source.load(owners));
  const issued = await issueWith(broker, known, options).catch(async (error: unknown) => {
    if (!REJECTED.includes(asKmError(error).code)) throw error;
    broker.source.drop(known.app);
    const again = await broker.source.load(owners);
    if (again.fingerprint === known.fingerprint) throw error;
    return issueWith(broker, again, options);
  });
  broker.log({
    event: 'token_generated',
    sandbox_id: options.sandboxId,
    owner: issued.owner,
    repos: issued.repositories,
    permissions: issued.permissions,
    expires_at: new Date(issued.expiresAt).toISOString(),
    token_sha256: issued.sha256,
  });
  return issued;
};
