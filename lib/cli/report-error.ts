import { ERROR_FAULTS, KmError } from '../errors.ts';
import type { Terminal } from './terminal.ts';

/** Exit codes: 0 done, 1 the user can mend it, 2 bad usage, 70 (EX_SOFTWARE) a fault of km's own. */
const EXIT_CODES = { user: 1, usage: 2, km: 70 } as const;

/** Errors whose message says all: the code behind it would only be in the way. */
const WITHOUT_CODE: ReadonlySet<string> = new Set(['ErrUsage', 'ErrProfileInvalid', 'ErrProfileUnreadable']);

const AWS_CREDENTIALS =
  /^(CredentialsProviderError|TokenProviderError|ExpiredToken|ExpiredTokenException|UnrecognizedClientException|InvalidClientTokenId)$/;
const AWS_NETWORK = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|TimeoutError|NetworkingError)$/;

const field = (error: unknown, name: string): string | undefined => {
  const value = (error as Record<string, unknown> | null | undefined)?.[name];
  return typeof value === 'string' ? value : undefined;
};

const isAwsError = (error: unknown): boolean =>
  typeof (error as { $metadata?: unknown } | null)?.$metadata === 'object';

/** Turns what the AWS SDK throws into an error that says what to do. Any other error stays as it is. */
export function asKmError(error: unknown): unknown {
  if (error instanceof KmError) return error;
  const name = field(error, 'name') ?? '';
  const code = field(error, 'code') ?? '';
  const message = field(error, 'message') ?? String(error);
  if (AWS_CREDENTIALS.test(name)) {
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
  if (AWS_NETWORK.test(code) || AWS_NETWORK.test(name)) {
    return new KmError('ErrAws', `AWS cannot be reached: ${message || code}`, {
      remedy: 'Check the network and AWS_ENDPOINT_URL; for the local cloud: `km local status`.',
    });
  }
  if (isAwsError(error)) {
    return new KmError('ErrAws', `${name}: ${message}`, {
      remedy: /AccessDenied/.test(name)
        ? 'Attach the managed policy km-operator-REGION, which `km bootstrap` makes, to whoever runs km.'
        : 'Read the message above: AWS refused the call.',
      cause: error,
    });
  }
  return error;
}

/** Says an error on stderr (as JSON with `--json`) and returns the exit code. */
export function reportError(
  error: unknown,
  terminal: Terminal,
  options: { readonly json: boolean; readonly verbose: boolean },
): number {
  const known = asKmError(error);
  if (known instanceof KmError) {
    if (options.json) {
      const problems = (known as { problems?: unknown }).problems;
      terminal.error(
        JSON.stringify({ error: known.code, message: known.message, remedy: known.remedy, problems }),
      );
    } else {
      const code = WITHOUT_CODE.has(known.code) ? '' : ` (${known.code})`;
      terminal.error(`${terminal.style('red', 'error:', 'stderr')} ${known.message}${code}`);
      if (known.remedy !== undefined)
        terminal.error(`${terminal.style('cyan', '→', 'stderr')} ${known.remedy}`);
      if (options.verbose && known.cause !== undefined)
        terminal.error(String((known.cause as Error)?.stack ?? known.cause));
    }
    return EXIT_CODES[ERROR_FAULTS[known.code]];
  }
  terminal.error(`km: a fault of its own: ${known instanceof Error ? known.message : String(known)}`);
  if (options.verbose && known instanceof Error && known.stack) terminal.error(known.stack);
  else terminal.error('→ Run the command again with --verbose and report what it prints.');
  return EXIT_CODES.km;
}
