import { KmError } from '../errors.ts';
import type { Secret } from '../secret.ts';

/** Characters that need no quoting in a header, a line or a URL. Both of GitHub's token forms, and an app JWT, keep to them. */
const CREDENTIAL = /^[A-Za-z0-9._-]{20,8192}$/;

/** Whether a credential can be sent or stored without becoming more than one header or line. */
export const isCredentialShaped = (value: unknown): value is string =>
  typeof value === 'string' && CREDENTIAL.test(value);

/**
 * The `Authorization` header for an app JWT or an installation token.
 *
 * The shape is checked before `fetch` sees it, since `fetch` quotes a header that it refuses in its error.
 *
 * @throws {KmError} `ErrGitHubUnexpectedAnswer` when the credential is not one line of token characters.
 */
export const bearerHeader = (credential: Secret): string => {
  const value = credential.reveal();
  if (!isCredentialShaped(value)) {
    throw new KmError(
      'ErrGitHubUnexpectedAnswer',
      'A GitHub credential has characters that no token has; it was not sent',
    );
  }
  return `Bearer ${value}`;
};
