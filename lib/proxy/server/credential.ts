import { Secret } from '../../secret.ts';
import type { Refusal, Surface } from '../decision.ts';
import type { TokenHolder } from './token-holder.ts';

const refused = (reason: string, remedy: string): Refusal => ({
  allowed: false,
  rule: 'credential',
  status: 403,
  reason,
  remedy,
});

const NOT_ISSUED = refused(
  '[km] This credential was not issued by km to this sandbox.',
  "Leave it out, and use the sandbox's own; other accounts are not to be used from here.",
);
const UNREADABLE = refused(
  '[km] The Authorization header is neither Basic, Bearer nor token.',
  "Leave it out, or use the sandbox's own token.",
);

/** What a client may put into a header that holds no credential at all. */
const NONE = new Secret('');

/** The token in an Authorization header: of Basic the password, or the user name where there is no password. */
export const givenToken = (header: string | undefined): Secret | Refusal | undefined => {
  if (header === undefined) return undefined;
  const [, scheme = '', value = ''] = /^(basic|bearer|token) +([\x21-\x7e]+) *$/i.exec(header) ?? [];
  if (scheme === '') return UNREADABLE;
  if (scheme.toLowerCase() !== 'basic') return new Secret(value);
  const text = Buffer.from(value, 'base64').toString('latin1');
  const colon = text.indexOf(':');
  const [user, password] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
  return new Secret(password === '' || password === 'x-oauth-basic' ? user : password);
};

/** As git and the SDKs send it: Basic where git asks, Bearer on REST. */
const header = (token: Secret, surface: Surface): string =>
  surface === 'web'
    ? `Basic ${Buffer.from(`x-access-token:${token.reveal()}`).toString('base64')}`
    : `Bearer ${token.reveal()}`;

export interface CredentialOptions {
  readonly inject: boolean;
  readonly tokens: TokenHolder | undefined;
  readonly surface: Surface;
  /** Whose repo the request is for; absent where it carries none. */
  readonly owner: string | undefined;
  /** The client's own Authorization header. */
  readonly given: string | undefined;
}

/**
 * What to put into the Authorization header of a request that is let through: the sandbox's token, whatever came from
 * inside; or, without injection, the client's own if km issued it to this sandbox. Nothing, or why not.
 *
 * Rejects with `ErrTokenUnreadable` when the sandbox's token cannot be read.
 */
export const credentialFor = async (
  options: CredentialOptions,
): Promise<{ readonly value: string } | undefined | Refusal> => {
  const { inject, tokens, surface } = options;
  if (inject && tokens) {
    const owner = options.owner ?? tokens.owners()[0];
    const token = owner === undefined ? undefined : await tokens.token(owner);
    return token && { value: header(token, surface) };
  }
  const given = givenToken(options.given) ?? NONE;
  if ('allowed' in given) return given;
  if (given === NONE) return undefined;
  if (!(await tokens?.isIssued(given))) return NOT_ISSUED;
  return { value: header(given, surface) };
};
