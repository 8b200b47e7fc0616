import { Secret } from '../secret.ts';
import type { AppSigner } from './app-signer.ts';

export interface AppJwtOptions {
  /** Client id (or app id) of the App: the JWT's `iss`. */
  readonly clientId: string;
  readonly signer: AppSigner;
  /** GitHub's present time, as well as it is known, in milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Seconds that `iat` is put back, so that a clock running ahead does not sign for the future. */
const BACKDATED = 60;

/** Seconds until `exp`. GitHub refuses more than 600, which a clock running ahead would reach. */
const LIFETIME = 540;

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/**
 * Signs an app JWT (RS256) with `iat = now - 60 s` and `exp = now + 540 s`.
 *
 * Put together here, since the JWT libraries sign only with a key that they hold, which KMS gives to nobody.
 *
 * @throws {KmError} what the signer throws.
 * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-3.1
 */
export const signAppJwt = async ({ clientId, signer, nowMs }: AppJwtOptions): Promise<Secret> => {
  const now = Math.floor(nowMs / 1000);
  const claims = { iss: clientId, iat: now - BACKDATED, exp: now + LIFETIME };
  const input = `${encoded({ alg: 'RS256', typ: 'JWT' })}.${encoded(claims)}`;
  const signature = await signer.sign(Buffer.from(input));
  return new Secret(`${input}.${Buffer.from(signature).toString('base64url')}`);
};
