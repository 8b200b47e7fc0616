import type { KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { Secret } from '../secret.ts';

export interface AppJwtOptions {
  /** Client id (or app id) of the App: the JWT's `iss`. */
  readonly clientId: string;
  /** The App's RSA key, from `readAppKey`. */
  readonly key: KeyObject;
  /** GitHub's present time, as well as it is known, in milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Seconds that `iat` is put back, so that a clock running ahead does not sign for the future. */
const BACKDATED = 60;

/** Seconds until `exp`. GitHub refuses more than 600, which a clock running ahead would reach. */
const LIFETIME = 540;

/**
 * Signs an app JWT (RS256) with `iat = now - 60 s` and `exp = now + 540 s`.
 *
 * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 * @see https://www.rfc-editor.org/rfc/rfc7519
 */
export const signAppJwt = async (options: AppJwtOptions): Promise<Secret> => {
  const now = Math.floor(options.nowMs / 1000);
  const jwt = await new SignJWT()
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .setIssuer(options.clientId)
    .setIssuedAt(now - BACKDATED)
    .setExpirationTime(now + LIFETIME)
    .sign(options.key);
  return new Secret(jwt);
};
