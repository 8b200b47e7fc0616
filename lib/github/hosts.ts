import { badHost } from './errors.ts';

export interface GitHubHostOptions {
  /** A host as stored: absent or empty means github.com. */
  readonly host?: string;
  /** Overrides the REST base: https, or http on loopback only. */
  readonly apiUrl?: string;
}

export interface GitHubHost {
  /** Lower case. */
  readonly host: string;
  /** REST base, without a slash at its end. */
  readonly apiUrl: string;
}

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const HOST_NAME = new RegExp(`^(?:${LABEL}\\.)+${LABEL}(?::[1-9][0-9]{0,4})?$`);
const DATA_RESIDENCY = new RegExp(`^${LABEL}\\.ghe\\.com$`);

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);

const overriddenApiUrl = (value: string): string => {
  const url = URL.parse(value);
  if (url === null) throw badHost(value, 'is not a URL');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw badHost(`${url.protocol}//${url.host}`, 'must have no user, query or fragment');
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw badHost(value, 'must be https; http is for loopback only');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
};

const apiUrlOf = (host: string): string => {
  if (host === 'github.com') return 'https://api.github.com';
  if (DATA_RESIDENCY.test(host)) return `https://api.${host}`;
  return `https://${host}/api/v3`;
};

/**
 * The REST base of a GitHub host: `api.github.com` for github.com, `https://HOST/api/v3` for a GitHub Enterprise
 * Server, `https://api.SUB.ghe.com` for GitHub Enterprise Cloud with data residency.
 *
 * @throws {KmError} `ErrGitHubBadHost`.
 * @see https://docs.github.com/en/enterprise-server/rest/using-the-rest-api/getting-started-with-the-rest-api
 */
export const gitHubHost = (options: GitHubHostOptions = {}): GitHubHost => {
  const host = (options.host ?? '').trim().toLowerCase() || 'github.com';
  if (!HOST_NAME.test(host)) throw badHost(host, 'is not a host name');
  if (host !== 'github.com' && /(?:^|\.)github\.com$/.test(host.replace(/:\d+$/, ''))) {
    throw badHost(host, 'is not a GitHub host; did you mean github.com?');
  }
  if (/(?:^|\.)ghe\.com$/.test(host.replace(/:\d+$/, '')) && !DATA_RESIDENCY.test(host)) {
    throw badHost(host, 'is not the host of an enterprise, such as example.ghe.com');
  }
  const override = options.apiUrl?.trim() ?? '';
  return { host, apiUrl: override === '' ? apiUrlOf(host) : overriddenApiUrl(override) };
};
