import type { Refusal } from '../decision.ts';
import { type Parameter, plainName } from './read-parameters.ts';
import { refuse } from './refuse.ts';

/** Parameters that authenticate, or that a lenient server could take for that. */
const CREDENTIALS = new Set([
  ...['access_token', 'oauth_token', 'private_token', 'refresh_token', 'id_token', 'auth_token', 'token'],
  ...['client_id', 'client_secret', 'authorization', 'auth', 'jwt', 'bearer', 'password', 'x_access_token'],
  ...['api_key', 'apikey', 'authenticity_token', 'session', 'user_session'],
]);

/**
 * Refuses a credential in the query: it would act as somebody else than the sandbox. `token` is let be where GitHub
 * itself puts one on the address of a file or archive.
 */
export const checkCredentials = (
  parameters: readonly Parameter[],
  { mayBeSigned }: { readonly mayBeSigned: boolean },
): Refusal | undefined => {
  const found = parameters
    .map(plainName)
    .find((name) => CREDENTIALS.has(name) && !(mayBeSigned && name === 'token'));
  if (found === undefined) return undefined;
  return refuse({
    rule: 'credential',
    reason: `The parameter ${found} is a credential in the query`,
    remedy: 'Leave it out: the sandbox has its own credential, and no other is let through.',
  });
};
