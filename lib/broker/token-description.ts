/** Why a token could not be renewed, for a reason that stays. */
export interface DescribedFailure {
  /** One of km's error codes. */
  readonly code: string;
  /** ISO 8601. */
  readonly at: string;
}

/** What a token parameter's Description says, so that age and scope can be read without decrypting. */
export interface TokenDescription {
  /** ISO 8601, by GitHub's clock. */
  readonly mintedAt: string;
  /** ISO 8601. */
  readonly expiresAt: string;
  readonly owner: string;
  /** Names without owner; how many, when there are too many to list; or `all` of the installation. */
  readonly repositories: readonly string[] | number | 'all';
  readonly permissions: Readonly<Record<string, string>>;
  /** Tells one asked-for scope from another, also where its repositories are only counted. */
  readonly scope?: string;
  /** Minted for the stack itself, which alone may change a sandbox's scope. */
  readonly byStack?: true;
  /** Absent when the last refresh went well, or failed for a reason that passes. */
  readonly failure?: DescribedFailure;
}

const MOST_NAMES = 20;

/** What Parameter Store takes as a Description. */
const MOST_CHARACTERS = 1024;

/**
 * Writes a token parameter's Description: JSON, at most 1,024 characters, with the number of repositories in place of
 * their names past 20 of them or when they do not fit.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export const tokenDescription = (description: TokenDescription): string => {
  const { mintedAt, expiresAt, owner, repositories, permissions } = description;
  const { scope, byStack, failure } = description;
  const write = (shown: TokenDescription['repositories']): string =>
    JSON.stringify({
      mintedAt,
      expiresAt,
      owner,
      repositories: shown,
      permissions,
      scope,
      byStack,
      failure,
    });
  const count = Array.isArray(repositories) ? repositories.length : 0;
  const named = write(repositories);
  return count > MOST_NAMES || (count > 0 && named.length > MOST_CHARACTERS) ? write(count) : named;
};

/** The same token's Description for a further version, which the stack did not ask for, with its failure or without one. */
export const copiedDescription = (
  { byStack: _byStack, failure: _failure, ...token }: TokenDescription,
  failure?: DescribedFailure,
): string => tokenDescription({ ...token, ...(failure === undefined ? {} : { failure }) });

const isTime = (value: unknown): value is string =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value));

const isText = (value: unknown): value is string => typeof value === 'string';

/** Reads a Description that {@link tokenDescription} wrote; `undefined` for any other. */
export const readTokenDescription = (description: string | undefined): TokenDescription | undefined => {
  try {
    const read = JSON.parse(description ?? '') as TokenDescription;
    const { mintedAt, expiresAt, owner, permissions, failure } = read;
    if (!isTime(mintedAt) || !isTime(expiresAt) || !isText(owner) || !permissions) return undefined;
    if (failure !== undefined && !(isText(failure.code) && isTime(failure.at))) return undefined;
    return read;
  } catch {
    return undefined;
  }
};

/** When a Description says its token expires, in milliseconds since the epoch; `undefined` when it does not say. */
export const describedExpiry = (description: string | undefined): number | undefined => {
  try {
    const { expiresAt } = JSON.parse(description ?? '') as { readonly expiresAt?: unknown };
    return isTime(expiresAt) ? Date.parse(expiresAt) : undefined;
  } catch {
    return undefined;
  }
};
