import { verify } from 'node:crypto';
import type { App } from './app.ts';
import type { AppStore } from './app-store.ts';
import { GitHubError } from './github-error.ts';

const LONGEST_LIFE_SECONDS = 600;
const MAX_LENGTH = 4096;

const undecodable = () => new GitHubError(401, 'A JSON web token could not be decoded');

const objectOf = (segment: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {}
  throw undecodable();
};

/**
 * Tells the App by its JSON web token, or throws GitHubError worded like GitHub's.
 *
 * RS256 under one of the App's keys and nothing else; `iss` is the client id or the App id (as text or number); `iat`
 * is an integer not in the future; `exp` is in the future, by ten minutes at most.
 *
 * @param now milliseconds on GitHub's clock
 * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
export const verifyAppJwt = (token: string, apps: Pick<AppStore, 'byIssuer'>, now: number): App => {
  if (token.length > MAX_LENGTH || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) throw undecodable();
  const [header = '', payload = '', signature = ''] = token.split('.');
  const { alg, crit } = objectOf(header);
  if (alg !== 'RS256' || crit !== undefined) throw undecodable();
  const claims = objectOf(payload);

  if (claims.iss === undefined || claims.iss === null)
    throw new GitHubError(401, "'Issuer' claim ('iss') must be an Integer");
  const app = apps.byIssuer(String(claims.iss));
  if (!app) throw new GitHubError(404, 'Integration not found');
  const signed = Buffer.from(`${header}.${payload}`);
  const signatureBytes = Buffer.from(signature, 'base64url');
  if (!app.publicKeys.some((key) => verify('RSA-SHA256', signed, key, signatureBytes))) throw undecodable();

  const seconds = Math.floor(now / 1000);
  if (!Number.isInteger(claims.iat) || Number(claims.iat) > seconds)
    throw new GitHubError(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  if (typeof claims.exp !== 'number' || claims.exp <= seconds)
    throw new GitHubError(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  if (claims.exp > seconds + LONGEST_LIFE_SECONDS)
    throw new GitHubError(401, "'Expiration time' claim ('exp') is too far in the future");
  return app;
};
