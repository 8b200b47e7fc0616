import type { GitHubHost } from './github-state.ts';

/** The base of each part of a GitHub, without a slash at its end, for the URLs in answers. */
export interface GitHubAddresses {
  /** Pages and git. */
  readonly web: string;
  /** REST; GraphQL is at `/graphql` beside it. */
  readonly api: string;
  /** Uploads of release assets. */
  readonly uploads: string;
  readonly codeload: string;
  readonly raw: string;
  readonly media: string;
  /** Objects of Git LFS, by signed URLs. */
  readonly objects: string;
  /** Release assets, by signed URLs. */
  readonly assets: string;
  /** What verifies an upload to Git LFS. */
  readonly lfs: string;
}

/** A part of a GitHub; `everything`: the pages with all others below paths of their own. */
export type Surface = 'everything' | keyof GitHubAddresses;

/** What a request is for: a part, the path within it, and the addresses that its answer names. */
export interface Place {
  readonly surface: Surface;
  readonly path: string;
  readonly addresses: GitHubAddresses;
}

/** The paths that stand for hosts where there is one origin, as on GitHub Enterprise Server without subdomains. */
const PATHS = {
  uploads: '/api/uploads',
  codeload: '/codeload',
  raw: '/raw',
  media: '/media',
  objects: '/storage/lfs',
  assets: '/storage/assets',
  lfs: '/storage/verify',
} as const;

/** The hosts that signed URLs lead to: those of github.com and of `*.ghe.com`. */
const STORAGE: Readonly<Record<string, keyof GitHubAddresses>> = {
  'github-cloud.githubusercontent.com': 'objects',
  'release-assets.githubusercontent.com': 'assets',
};

const DOTCOM: Readonly<Record<string, keyof GitHubAddresses>> = {
  'github.com': 'web',
  'api.github.com': 'api',
  'uploads.github.com': 'uploads',
  'codeload.github.com': 'codeload',
  'raw.githubusercontent.com': 'raw',
  'media.githubusercontent.com': 'media',
  'lfs.github.com': 'lfs',
  ...STORAGE,
};

const addressesOf = (names: Readonly<Record<string, keyof GitHubAddresses>>): GitHubAddresses =>
  Object.fromEntries(
    Object.entries(names).map(([name, part]) => [part, `https://${name}`]),
  ) as unknown as GitHubAddresses;

const DOTCOM_ADDRESSES = addressesOf(DOTCOM);

/** The addresses below one origin, and REST's where it is elsewhere. */
export const addressesBelow = (web: string, api = `${web}/api/v3`): GitHubAddresses => {
  const below = Object.entries(PATHS).map(([part, path]) => [part, `${web}${path}`]);
  return { web, api, ...(Object.fromEntries(below) as Omit<GitHubAddresses, 'web' | 'api'>) };
};

const isBelow = (path: string, base: string): boolean => path === base || path.startsWith(`${base}/`);

/** Finds the part that a path at the one origin stands for. */
const placeBelow = (surface: 'everything' | 'web', path: string, addresses: GitHubAddresses): Place => {
  for (const [part, base] of Object.entries(PATHS))
    if (isBelow(path, base)) {
      // The host of media has `/media` in its paths as well.
      const within = part === 'media' ? path : path.slice(base.length);
      return { surface: part as keyof typeof PATHS, path: within, addresses };
    }
  if (surface === 'everything' && path === '/api/graphql')
    return { surface: 'api', path: '/graphql', addresses };
  if (surface === 'everything' && isBelow(path, '/api/v3'))
    return { surface: 'api', path: path.slice('/api/v3'.length), addresses };
  return { surface, path, addresses };
};

const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/;

/** `acme.ghe.com`, and the names below it. */
const RESIDENCY = /^(?:(api|uploads|codeload|raw|media)\.)?([a-z\d-]+\.ghe\.com)$/;

/** Where an upload to Git LFS is verified on `*.ghe.com`: on the host of the objects. */
const VERIFY = '/verify';

const residencyPlace = (called: string, path: string): Place | undefined => {
  const [, prefix = 'web', host] = RESIDENCY.exec(called) ?? [];
  const storage = STORAGE[called];
  if (host === undefined && !storage) return undefined;
  const below = Object.fromEntries(
    ['api', 'uploads', 'codeload', 'raw', 'media'].map((part) => [`${part}.${host}`, part]),
  ) as Record<string, keyof GitHubAddresses>;
  const addresses = {
    ...addressesOf({ [`${host}`]: 'web', ...below, ...STORAGE }),
    lfs: `https://github-cloud.githubusercontent.com${VERIFY}`,
  };
  if (storage === 'objects' && isBelow(path, VERIFY))
    return { surface: 'lfs', path: path.slice(VERIFY.length), addresses };
  return { surface: storage ?? (prefix as keyof GitHubAddresses), path, addresses };
};

/**
 * What a request is for, by its Host: one of the real names of the GitHub that this one stands in for, with https
 * addresses in the answer, or its own origin on the loopback interface.
 * @param own what is served where the request came in, and its addresses
 */
export const placeOf = (
  host: GitHubHost,
  name: string,
  path: string,
  own: { readonly surface: 'everything' | 'web' | 'api'; readonly addresses: GitHubAddresses },
): Place => {
  const called = name.toLowerCase();
  const { surface, addresses } = own;
  if (surface === 'api') return { surface, path, addresses };
  if (host === 'local' || host === 'github.com') {
    const part = DOTCOM[called];
    if (part) return { surface: part, path, addresses: DOTCOM_ADDRESSES };
  }
  if (host === 'ghes' && called !== '' && !LOOPBACK.test(called))
    return placeBelow('everything', path, addressesBelow(`https://${called}`));
  const residency = host === 'ghe.com' ? residencyPlace(called, path) : undefined;
  if (residency) return residency;
  return placeBelow(surface, path, addresses);
};
