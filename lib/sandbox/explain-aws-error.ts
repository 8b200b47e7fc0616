import { KmError } from '../errors.ts';

const CREDENTIALS =
  /^(CredentialsProviderError|TokenProviderError|ExpiredToken|ExpiredTokenException|UnrecognizedClientException|InvalidClientTokenId)$/;
const NETWORK = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|TimeoutError|NetworkingError)$/;

const field = (error: unknown, name: string): string | undefined => {
  const value = (error as Record<string, unknown> | null | undefined)?.[name];
  return typeof value === 'string' ? value : undefined;
};

const isAwsError = (error: unknown): boolean =>
  typeof (error as { $metadata?: unknown } | null)?.$metadata === 'object';

/** Whether AWS answered that the caller may not do that. */
export const isAccessDenied = (error: unknown): boolean =>
  isAwsError(error) && /AccessDenied/.test(field(error, 'name') ?? '');

/** Turns what the AWS SDK throws into an `ErrAws` that says what to do. Any other error stays as it is. */
export function explainAwsError(error: unknown): unknown {
  if (error instanceof KmError) return error;
  const name = field(error, 'name') ?? '';
  const code = field(error, 'code') ?? '';
  const message = field(error, 'message') ?? String(error);
  if (CREDENTIALS.test(name)) {
    return new KmError('ErrAws', `AWS does not accept the credentials, or finds none: ${message}`, {
      remedy:
        'Sign in again (for example `aws sso login`), or use the local cloud: `km local up`, then `--local`.',
    });
  }
  if (/Region is missing/i.test(message)) {
    return new KmError('ErrAws', 'No AWS region is set.', {
      remedy: 'export AWS_REGION=… or set one in the AWS profile',
    });
  }
  if (NETWORK.test(code) || NETWORK.test(name)) {
    return new KmError('ErrAws', `AWS cannot be reached: ${message || code}`, {
      remedy: 'Check the network and AWS_ENDPOINT_URL; for the local cloud: `km local status`.',
    });
  }
  if (isAwsError(error)) {
    return new KmError('ErrAws', `${name}: ${message}`, {
      remedy: isAccessDenied(error)
        ? 'Attach the managed policy km-operator-REGION, which `km bootstrap` makes, to whoever runs km.'
        : 'Read the message above: AWS refused the call.',
      cause: error,
    });
  }
  return error;
}
