import { badHost } from '../../github/errors.ts';
import type { Surface } from '../decision.ts';
import { DATA_RESIDENCY_STORAGE, DOTCOM_STORAGE } from './storage-hosts.ts';

/** What of GitHub is where. */
export interface GitHubSurfaces {
  /** To terminate TLS for: exact names in lower case, with the port only where it is not 443. */
  readonly hosts: readonly string[];
  /** `http://127.0.0.1:PORT` of the local cloud: reached without TLS, in absolute form only. */
  readonly localOrigins: readonly string[];
  /** Whether a name is below the domain of a configured GitHub, or of its user content. Takes a name without a port. */
  isGitHubs(host: string): boolean;
  /** Whether signed URLs lead to a host, and nothing else does. */
  isStorageHost(host: string): boolean;
  /**
   * The surface that a request is for, and its path within that surface: `/api/v3/repos/o/r` of a GitHub Enterprise
   * Server is `/repos/o/r` of the API. Takes the raw path, without a query. `undefined`: not GitHub, or nothing that
   * km knows of it.
   */
  match(host: string, path: string): { readonly surface: Surface; readonly path: string } | undefined;
}

export interface GitHubSurfacesOptions {
  readonly endpoints: readonly {
    /** Origin of git remotes: `https://github.com`. */
    readonly git: string;
    /** REST base: `https://api.github.com`, `https://ghe.example.com/api/v3`. */
    readonly api: string;
  }[];
}

/** Paths of a host from `prefix` on belong to a surface, and are its own from there, behind `root`. */
interface Mapping {
  readonly host: string;
  readonly prefix: string;
  readonly surface: Surface;
  readonly root: string;
}

const mapping = (host: string, surface: Surface, prefix = '', root = ''): Mapping => ({
  host,
  surface,
  prefix,
  root,
});

const originOf = (text: string): URL => {
  const url = URL.parse(text);
  if (!url) throw badHost(text, 'is not a URL');
  return url;
};

const DOTCOM: readonly Mapping[] = [
  mapping('github.com', 'web'),
  mapping('uploads.github.com', 'uploads'),
  mapping('codeload.github.com', 'codeload'),
  mapping('raw.githubusercontent.com', 'raw'),
  mapping('media.githubusercontent.com', 'media', '/media'),
  ...DOTCOM_STORAGE.map((host) => mapping(host, 'storage')),
];

const dataResidency = (host: string): Mapping[] => [
  mapping(host, 'web'),
  mapping(`uploads.${host}`, 'uploads'),
  mapping(`codeload.${host}`, 'codeload'),
  mapping(`raw.${host}`, 'raw'),
  mapping(`media.${host}`, 'media', '/media'),
  ...DATA_RESIDENCY_STORAGE.map((name) => mapping(name, 'storage')),
];

/** {@link https://docs.github.com/en/enterprise-server@latest/admin/configuring-settings/hardening-security-for-your-enterprise/enabling-subdomain-isolation} */
const enterpriseServer = (host: string): Mapping[] => [
  mapping(host, 'web'),
  mapping(host, 'raw', '/raw'),
  mapping(host, 'media', '/media'),
  mapping(host, 'codeload', '/codeload'),
  mapping(host, 'storage', '/storage'),
];

const withSubdomains = (host: string): Mapping[] => [
  ...enterpriseServer(host),
  mapping(`uploads.${host}`, 'uploads'),
  mapping(`codeload.${host}`, 'codeload'),
  mapping(`raw.${host}`, 'raw'),
  mapping(`media.${host}`, 'media'),
];

const gitMappings = ({ protocol, host, hostname }: URL): readonly Mapping[] => {
  if (host === 'github.com') return DOTCOM;
  if (hostname.endsWith('.ghe.com')) return dataResidency(host);
  return protocol === 'http:' ? enterpriseServer(host) : withSubdomains(host);
};

/** What a certificate of GitHub's machines may name; all of them answer for whatever host a request then names. */
const domainsOf = ({ hostname }: URL): readonly string[] => {
  if (hostname === 'github.com') return ['github.com', 'githubusercontent.com', 'github.io', 'githubapp.com'];
  return hostname.endsWith('.ghe.com') ? ['ghe.com', 'githubusercontent.com'] : [hostname];
};

const API_V3 = '/api/v3';

const apiMappings = ({ host, pathname }: URL): Mapping[] => {
  const prefix = pathname.replace(/\/+$/, '');
  const own = mapping(host, 'api', prefix);
  if (prefix !== API_V3) return [own];
  return [own, mapping(host, 'api', '/api/graphql', '/graphql'), mapping(host, 'uploads', '/api/uploads')];
};

const isWithin = (path: string, prefix: string): boolean =>
  path.startsWith(prefix) && (path.length === prefix.length || prefix === '' || path[prefix.length] === '/');

/**
 * What of a configured GitHub is on which host and path: github.com, an enterprise on `*.ghe.com`, or a GitHub
 * Enterprise Server with or without subdomain isolation. Exact host names only: a name that merely ends alike may be
 * anybody's, and gists are nobody's.
 *
 * @throws {KmError} `ErrGitHubBadHost` for an endpoint that is not a URL.
 */
export const gitHubSurfaces = ({ endpoints }: GitHubSurfacesOptions): GitHubSurfaces => {
  const secure = new Map<string, Mapping[]>();
  const localOrigins = new Set<string>();
  for (const endpoint of endpoints) {
    const git = originOf(endpoint.git);
    const api = originOf(endpoint.api);
    for (const { protocol, origin } of [git, api]) if (protocol === 'http:') localOrigins.add(origin);
    for (const each of [...gitMappings(git), ...apiMappings(api)]) {
      secure.set(each.host, [...(secure.get(each.host) ?? []), each]);
    }
  }
  // A more particular path is looked at before the one that it lies in.
  for (const mappings of secure.values()) mappings.sort((a, b) => b.prefix.length - a.prefix.length);
  const domains = endpoints.flatMap(({ git }) => domainsOf(originOf(git)));
  const localHosts = new Set([...localOrigins].map((origin) => originOf(origin).host));
  return {
    hosts: [...secure.keys()].filter((host) => !localHosts.has(host)),
    localOrigins: [...localOrigins],
    isGitHubs: (host) => domains.some((domain) => host === domain || host.endsWith(`.${domain}`)),
    isStorageHost: (host) => secure.get(host)?.every(({ surface }) => surface === 'storage') ?? false,
    match: (host, path) => {
      const found = secure.get(host)?.find(({ prefix }) => isWithin(path, prefix));
      if (!found) return undefined;
      return { surface: found.surface, path: `${found.root}${path.slice(found.prefix.length)}` || '/' };
    },
  };
};
