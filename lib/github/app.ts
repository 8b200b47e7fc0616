import type { Secret } from '../secret.ts';
import { signAppJwt } from './app-jwt.ts';
import type { AppSigner } from './app-signer.ts';
import { clockSkew, keyOfAnotherApp } from './errors.ts';
import { type GitHubRequest, type GitHubResponse, type GitHubTransport, sendRequest } from './request.ts';

export interface GitHubAppOptions {
  /** Client id or app id. */
  readonly clientId: string;
  /** As `pemSigner` makes one. */
  readonly signer: AppSigner;
  readonly transport: GitHubTransport;
}

type AppRequest = Omit<GitHubRequest, 'credential'>;

/** A GitHub App that can speak for itself. */
export interface GitHubApp {
  readonly clientId: string;
  readonly transport: GitHubTransport;
  /**
   * Sends a request under an app JWT; 401 never comes back as a response.
   *
   * @throws {KmError} what signing and `sendRequest` throw, `ErrGitHubKeyOfAnotherApp` or `ErrGitHubClockSkew`.
   */
  readonly send: (request: AppRequest) => Promise<GitHubResponse>;
}

const isAboutTimes = (response: GitHubResponse): boolean =>
  response.status === 401 && /\b(?:exp|iat)\b|expiration time|issued at/i.test(response.message);

/** GitHub knows no App by this `iss`; a 404 about anything else does not say so. */
const isUnknownApp = (response: GitHubResponse): boolean =>
  response.status === 404 && /integration not found/i.test(response.message);

/** How long one JWT is sent: long enough for the requests of one job, which then cost KMS one signature. */
const REUSED_MS = 60_000;

interface SignedJwt {
  readonly jwt: Promise<Secret>;
  readonly signedAt: number;
}

/**
 * A GitHub App. On a 401 about `exp` or `iat` it signs once more by GitHub's own clock, and keeps that correction.
 *
 * | cache | key | lifetime | who evicts |
 * |---|---|---|---|
 * | JWT | one for the App | 60 s | age; any 401, after which a JWT that was sent before is signed anew once |
 */
export const createGitHubApp = (options: GitHubAppOptions): GitHubApp => {
  const { clientId, signer, transport } = options;
  let aheadMs = 0;
  let last: SignedJwt | undefined;

  const sign = (): SignedJwt => {
    const now = transport.now();
    const signed = { jwt: signAppJwt({ clientId, signer, nowMs: now + aheadMs }), signedAt: now };
    last = signed;
    signed.jwt.catch(() => {
      if (last === signed) last = undefined;
    });
    return signed;
  };

  const kept = (): SignedJwt | undefined => {
    const age = last === undefined ? REUSED_MS : transport.now() - last.signedAt;
    return age >= 0 && age < REUSED_MS ? last : undefined;
  };

  const sendWith = async (request: AppRequest, { jwt }: SignedJwt): Promise<GitHubResponse> =>
    sendRequest(transport, { ...request, credential: await jwt });

  const send = async (request: AppRequest): Promise<GitHubResponse> => {
    const used = kept();
    let response = await sendWith(request, used ?? sign());
    // Signed before the key was exchanged, or by times that were corrected meanwhile.
    if (response.status === 401 && used !== undefined) response = await sendWith(request, sign());
    if (isAboutTimes(response) && response.date !== undefined) {
      aheadMs = response.date - transport.now();
      response = await sendWith(request, sign());
    }
    if (response.status === 401) last = undefined;
    if (isAboutTimes(response)) throw clockSkew(response.message);
    if (response.status === 401 || isUnknownApp(response)) throw keyOfAnotherApp(clientId, response.message);
    return response;
  };

  return { clientId, transport, send };
};
