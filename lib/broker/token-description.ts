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
export const tokenDescription = (
  description: TokenDescription & { readonly repositories: readonly string[] | 'all' },
): string => {
  const { mintedAt, expiresAt, owner, repositories, permissions } = description;
  const count = repositories === 'all' ? 'all' : repositories.length;
  const named = JSON.stringify({ mintedAt, expiresAt, owner, repositories, permissions });
  const counted = JSON.stringify({ mintedAt, expiresAt, owner, repositories: count, permissions });
  return typeof count === 'number' && (count > MOST_NAMES || named.length > MOST_CHARACTERS)
    ? counted
    : named;
};

/** When a Description says its token expires, in milliseconds since the epoch; `undefined` when it does not say. */
export const describedExpiry = (description: string | undefined): number | undefined => {
  try {
    const { expiresAt } = JSON.parse(description ?? '') as { readonly expiresAt?: unknown };
    const time = typeof expiresAt === 'string' ? Date.parse(expiresAt) : Number.NaN;
    return Number.isNaN(time) ? undefined : time;
  } catch {
    return undefined;
  }
};
