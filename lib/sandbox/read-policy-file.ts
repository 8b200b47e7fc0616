import { KmError } from '../errors.ts';
import { gitHubHost } from '../github/hosts.ts';
import { checkRefPattern } from '../guard/check-ref-pattern.ts';
import { checkHostName } from '../profile/host-name.ts';
import type { ProxyPolicy } from '../proxy/proxy-policy.ts';
import type { GitHubEndpoints } from './github-endpoints.ts';

/** What a proxy beside the sandbox reads from the policy file that `km install-script` carries. */
export interface InstalledPolicy {
  readonly policy: ProxyPolicy;
  readonly region: string;
  /** Parameter Store's endpoint. */
  readonly ssm: string;
  readonly github: GitHubEndpoints;
  /** The parameter of each owner's token, by the lower-case owner. */
  readonly tokens: ReadonlyMap<string, string>;
}

const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):\d{1,5}$/;

const isOrigin = (text: string): boolean => {
  const url = URL.parse(text);
  return url?.origin === text && (url.protocol === 'https:' || LOOPBACK.test(text));
};

const isRestBase = (text: string): boolean => {
  try {
    return gitHubHost({ apiUrl: text }).apiUrl === text;
  } catch {
    return false;
  }
};

const matching =
  (form: RegExp) =>
  (value: string): boolean =>
    form.test(value);

/** What each key's value is; as in scripts/sandbox/policy-check.bash. */
const FORMS: Readonly<Record<string, (value: string) => boolean>> = {
  version: matching(/^1$/),
  sandbox: matching(/^[a-z][a-z0-9]{0,11}-[0-9a-f]{8}$/),
  region: matching(/^[a-z]{2}(?:-[a-z]+)+-[0-9]{1,2}$/),
  git: isOrigin,
  ssm: isOrigin,
  api: isRestBase,
  token: matching(/^(?:[a-z0-9][a-z0-9_-]*|\*) \/[A-Za-z0-9_./-]+$/),
  repo: matching(/^(?:\*|[a-z0-9][a-z0-9_-]*\/(?:\*|[a-z0-9._-]+))$/),
  permission: matching(/^[a-z][a-z_]* (?:read|write)$/),
  refs: matching(/^(?:any|listed)$/),
  ref: (value) => checkRefPattern(value) === undefined,
  force: matching(/^(?:yes|no)$/),
  delete: matching(/^(?:yes|no)$/),
  host: (value) => value === value.toLowerCase() && checkHostName(value) === undefined,
  graphql: matching(/^read$/),
};
const MANY: ReadonlySet<string> = new Set(['token', 'repo', 'permission', 'ref', 'host']);
const REQUIRED = ['version', 'sandbox', 'region', 'git', 'api', 'ssm', 'refs', 'force', 'delete'];

const bad = (file: string, why: string): KmError =>
  new KmError('ErrProxyPolicyInvalid', `${file} is no policy file of km: ${why}.`, {
    remedy: 'Write it anew: km install-script ID, of the same version of km.',
  });

/**
 * Reads a sandbox's policy file, one `key value` a line, for its proxy. Nothing is passed over: a line that it does not
 * know might narrow what may be reached.
 *
 * Throws `ErrProxyPolicyInvalid`, which names the file and the line.
 */
export const readPolicyFile = (text: string, file: string): InstalledPolicy => {
  const values = valuesOf(text, file);
  const all = (key: string): readonly string[] => values.get(key) ?? [];
  const one = (key: string): string => all(key)[0] ?? '';
  const pairs = (key: string) => all(key).map((value) => value.split(' ', 2) as [string, string]);
  return {
    policy: {
      sandbox: one('sandbox'),
      allowedRepos: all('repo'),
      permissions: Object.fromEntries(pairs('permission')) as ProxyPolicy['permissions'],
      guard: {
        ...(one('refs') === 'listed' ? { allowedRefs: all('ref') } : {}),
        allowForcePushes: one('force') === 'yes',
        allowDeletions: one('delete') === 'yes',
      },
      graphql: one('graphql') === 'read' ? 'read' : 'none',
      allowedHosts: all('host'),
    },
    region: one('region'),
    ssm: one('ssm'),
    github: { git: one('git'), api: one('api') },
    tokens: new Map(pairs('token')),
  };
};

const valuesOf = (text: string, file: string): ReadonlyMap<string, readonly string[]> => {
  if (!text.endsWith('\n')) throw bad(file, 'its last line has no end');
  const values = new Map<string, string[]>();
  for (const [index, line] of text.slice(0, -1).split('\n').entries()) {
    const at = line.indexOf(' ');
    const key = line.slice(0, at < 0 ? undefined : at);
    const value = line.slice(key.length + 1);
    const form = Object.hasOwn(FORMS, key) ? FORMS[key] : undefined;
    if (!form?.(value)) throw bad(file, `line ${index + 1} is none that it holds`);
    if (values.has(key) && !MANY.has(key))
      throw bad(file, `it says ${key} twice, again in line ${index + 1}`);
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  const missing = REQUIRED.find((key) => !values.has(key));
  if (missing !== undefined) throw bad(file, `it does not say: ${missing}`);
  return values;
};
