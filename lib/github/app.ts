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

/** A GitHub App that can speak for itself. */
export interface GitHubApp {
  readonly clientId: string;
  readonly transport: GitHubTransport;
  /**
   * Sends a request under an app JWT; 401 never comes back as a response.
   *
   * @throws {KmError} what signing and `sendRequest` throw, `ErrGitHubKeyOfAnotherApp` or `ErrGitHubClockSkew`.
   */
  readonly send: (request: Omit<GitHubRequest, 'credential'>) => Promise<GitHubResponse>;
}

const isAboutTimes = (response: GitHubResponse): boolean =>
  response.status === 401 && /\b(?:exp|iat)\b|expiration time|issued at/i.test(response.message);

/** GitHub knows no App by this `iss`; a 404 about anything else does not say so. */
const isUnknownApp = (response: GitHubResponse): boolean =>
  response.status === 404 && /integration not found/i.test(response.message);

/** A GitHub App. On a 401 about `exp` or `iat` it signs once more by GitHub's own clock, and keeps that correction. */
export const createGitHubApp = (options: GitHubAppOptions): GitHubApp => {
  const { clientId, signer, transport } = options;
  let aheadMs = 0;

  const sendOnce = async (request: Omit<GitHubRequest, 'credential'>): Promise<GitHubResponse> => {
    const credential = await signAppJwt({ clientId, signer, nowMs: transport.now() + aheadMs });
    return sendRequest(transport, { ...request, credential });
  };

  const send = async (request: Omit<GitHubRequest, 'credential'>): Promise<GitHubResponse> => {
    let response = await sendOnce(request);
    if (isAboutTimes(response) && response.date !== undefined) {
      aheadMs = response.date - transport.now();
      response = await sendOnce(request);
    }
    if (isAboutTimes(response)) throw clockSkew(response.message);
    if (response.status === 401 || isUnknownApp(response)) throw keyOfAnotherApp(clientId, response.message);
    return response;
  };

  return { clientId, transport, send };
};
