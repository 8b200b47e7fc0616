import type { GitHubEndpoints } from './github-endpoints.ts';

/** github.com under its own name. */
const GITHUB_COM: GitHubEndpoints = { git: 'https://github.com', api: 'https://api.github.com' };

export interface ProxyEndpoints {
  /** What the proxy decides about; the first is the name that the sandbox uses. */
  readonly endpoints: readonly [GitHubEndpoints, ...GitHubEndpoints[]];
  /** Where the local cloud's GitHub is dialled instead. */
  readonly upstream?: string;
}

/** The GitHub that a proxy stands before. In the local cloud that is github.com by its real name, served on loopback. */
export const proxyEndpoints = (github: GitHubEndpoints): ProxyEndpoints =>
  github.git.startsWith('http:')
    ? { endpoints: [GITHUB_COM, github], upstream: github.git }
    : { endpoints: [github] };
