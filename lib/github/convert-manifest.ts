import { Secret } from '../secret.ts';
import { isRecord } from './answer-fields.ts';
import { manifestCodeSpent, unexpectedAnswer } from './errors.ts';
import { type AppDetails, readAppDetails } from './get-app.ts';
import { type GitHubTransport, sendRequest } from './request.ts';

export interface ConvertManifestOptions {
  /** What GitHub put into the `code` of its redirect. Works once, for an hour. */
  readonly code: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** A new App with everything that GitHub hands out only this once. */
export interface CreatedApp {
  readonly app: AppDetails & { readonly clientId: string };
  /** PEM, PKCS#1. */
  readonly privateKey: Secret;
  /** Absent when the manifest has no webhook. */
  readonly webhookSecret?: Secret;
}

const CODE = /^[A-Za-z0-9_-]{1,255}$/;

/**
 * Takes a new App in exchange for the code that GitHub's manifest flow ends with. The App's client secret is of no use
 * to km, and is not kept.
 *
 * @throws {KmError} `ErrGitHubManifestCode` when the code is none, was used or is too old; what sending throws, or
 * `ErrGitHubUnexpectedAnswer`.
 * @see https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
 * @see https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest
 */
export const convertManifest = async (
  transport: GitHubTransport,
  { code, deadline }: ConvertManifestOptions,
): Promise<CreatedApp> => {
  if (!CODE.test(code)) throw manifestCodeSpent();
  const path = `/app-manifests/${code}/conversions`;
  const response = await sendRequest(transport, { method: 'POST', path, deadline });
  if (response.status === 404 || response.status === 422) throw manifestCodeSpent();
  if (response.status !== 201 || !isRecord(response.body))
    throw unexpectedAnswer(`${response.message} for the conversion of a manifest`);
  const { pem, webhook_secret } = response.body;
  const { clientId, ...details } = readAppDetails(response.body);
  if (clientId === undefined || typeof pem !== 'string' || pem === '')
    throw unexpectedAnswer('a new App without a client id or a private key');
  return {
    app: { ...details, clientId },
    privateKey: new Secret(pem),
    ...(typeof webhook_secret === 'string' && webhook_secret !== ''
      ? { webhookSecret: new Secret(webhook_secret) }
      : {}),
  };
};
