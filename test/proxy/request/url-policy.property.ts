import fc from 'fast-check';
import type { Admission, RequestFacts } from '../../../lib/proxy/decision.ts';
import { allowsRepo, type ProxyPolicy } from '../../../lib/proxy/proxy-policy.ts';
import { decideRequest } from '../../../lib/proxy/request/decide-request.ts';
import { lenientReading, plainReading } from './lenient-reading.ts';
import { HOSTS, surfaces, WIDE } from './request-scene.ts';

/** `{repo}` is filled with a name, in some spelling. */
const TEMPLATES: readonly (readonly [host: string, path: string])[] = [
  [HOSTS.web, '/{repo}.git/info/refs?service=git-upload-pack'],
  [HOSTS.web, '/{repo}/git-receive-pack'],
  [HOSTS.web, '/{repo}/info/lfs/objects/batch'],
  [HOSTS.web, '/{repo}/archive/main.zip'],
  [HOSTS.web, '/{repo}/raw/main/{repo}/a'],
  [HOSTS.api, '/repos/{repo}'],
  [HOSTS.api, '/repos/{repo}/issues?page=2'],
  [HOSTS.api, '/repos/{repo}/contents/{repo}?ref=main'],
  [HOSTS.api, '/repos/{repo}/compare/main...dev'],
  [HOSTS.api, '/repos/{repo}/git/refs/heads/{repo}'],
  [HOSTS.api, '/repositories/42/issues'],
  [HOSTS.api, '/installation/repositories?per_page=100'],
  [HOSTS.api, '/rate_limit'],
  [HOSTS.api, '/graphql'],
  [HOSTS.uploads, '/repos/{repo}/releases/1/assets?name=a'],
  [HOSTS.codeload, '/{repo}/zip/main?token=A'],
  [HOSTS.raw, '/{repo}/main/a'],
  [HOSTS.media, '/media/{repo}/main/a'],
  [HOSTS.storage, '/x?sig=1'],
  ['ghe.example.com', '/api/v3/repos/{repo}/pulls'],
  ['ghe.example.com', '/api/uploads/repos/{repo}/releases/1/assets?name=a'],
  ['ghe.example.com', '/raw/{repo}/main/a'],
  ['ghe.example.com', '/codeload/{repo}/zip/main'],
  ['ghe.example.com', '/{repo}.git/git-upload-pack'],
];

const REPOS = [
  ...['acme/app', 'tools/x', 'acme/.github', 'evil/app', 'acme/other', 'evil/store', 'api/v3', 'wiki/acme'],
  ...['acme/app.git', 'tools/x.wiki', 'tools/x.', 'tools/x..', 'tools/x.git', 'tools/x.git.git', 'gist/x'],
];

/** Where everything is allowed, nothing may be read as another repository all the same. */
const EVERYTHING = { ...WIDE, allowedRepos: ['*'] };

/** What is put into a target somewhere, to have it read in two ways. */
const TRICKS = [
  ...[
    '..',
    '.',
    '/',
    '//',
    '/../',
    '/./',
    '%2e',
    '%2E%2e',
    '/%2e%2e/',
    '%252e%252e',
    '%25252e',
    '%2f',
    '%252f',
  ],
  ...['%5c', '\\', ';', ';x=1', '%3b', '%00', '%0d%0a', '%20', ' ', '\t', '#', '%23', '%3f', '?', '&', '='],
  ...[
    '.git',
    '.GIT',
    '.wiki',
    '.',
    '...',
    ':',
    'evil:',
    'evil:app:',
    '@',
    'x@',
    '%c0%af',
    '%c0%ae',
    '%EF%BC%8F',
  ],
  ...[
    '/evil/app',
    '../evil/app',
    '../../evil/app',
    '%2e%2e%2fevil%2fapp',
    '/..;/evil/app',
    '/repos/evil/app',
  ],
  ...['/api/v3', '/raw', '/media', '/wiki', 'https://github.com', '//evil.example', 'ä', '\u202e', '%u002e'],
  ...['&owner=evil', '?repo=store', '&access_token=x', '?token=x', '&ref=evil:main', '%', '%2', '~', '+'],
] as const;

const REPO_LESS = new Set(['/', '/meta', '/rate_limit', '/user', '/installation/repositories']);

const encodedSomewhere = (text: string): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 2), { minLength: text.length, maxLength: text.length })
    .map((depths) =>
      [...text]
        .map((letter, index) => {
          if (!depths[index]) return letter;
          const once = `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`;
          return depths[index] === 1 ? once : once.replace('%', '%25');
        })
        .join(''),
    );

const inCases = (text: string): fc.Arbitrary<string> =>
  fc.constantFrom(
    text,
    text,
    text.toUpperCase(),
    text.replace(/^./, (first) => first.toUpperCase()),
  );

const spelling: fc.Arbitrary<string> = fc
  .constantFrom(...REPOS)
  .chain((repo) =>
    fc.oneof({ weight: 3, arbitrary: inCases(repo) }, { weight: 1, arbitrary: encodedSomewhere(repo) }),
  );

/** Anywhere, but most often where one part ends. */
const placeIn = (target: string): fc.Arbitrary<number> => {
  const ends = [...target.matchAll(/[/?=&]|$/g)].flatMap(({ index }) => [
    index,
    Math.min(index + 1, target.length),
  ]);
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...ends) },
    { weight: 1, arbitrary: fc.nat({ max: target.length }) },
  );
};

const tricked = (target: string): fc.Arbitrary<string> =>
  fc
    .array(fc.tuple(placeIn(target), fc.constantFrom(...TRICKS)), { maxLength: 3 })
    .map((tricks) =>
      tricks.reduce((text, [at, trick]) => `${text.slice(0, at)}${trick}${text.slice(at)}`, target),
    );

const built = fc
  .tuple(fc.constantFrom(...TEMPLATES), spelling, spelling)
  .map(([[host, path], first, second]) => ({
    host,
    target: path.replace('{repo}', () => first).replace('{repo}', () => second),
  }))
  .chain(({ host, target }) => tricked(target).map((changed) => ({ host, target: changed })));

const anything = fc.record({
  host: fc.constantFrom(...TEMPLATES.map(([host]) => host)),
  target: fc.oneof(
    fc.webPath().map((path) => `/${path}`),
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...TRICKS, ...REPOS, '/')).map((parts) => `/${parts.join('')}`),
  ),
});

const request = fc.record({
  policy: fc.constantFrom(WIDE, EVERYTHING),
  where: fc.oneof({ weight: 5, arbitrary: built }, { weight: 1, arbitrary: anything }),
  method: fc.constantFrom('GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'),
});

const namesNoRepo = ({ inspect, rule }: Admission, path: string): boolean =>
  rule === 'no-repo'
    ? REPO_LESS.has(path.replace(/^\/api\/v3(?=\/|$)/, '') || '/')
    : ['graphql', 'signed-url', 'repository-id'].includes(inspect.kind);

const FORBIDDEN_PARAMETERS = ['access_token', 'owner', 'repo'];

/** Why an admission is wrong, if it is. */
const fault = (
  policy: ProxyPolicy,
  { host, target }: Pick<RequestFacts, 'host' | 'target'>,
  admission: Admission,
): string | undefined => {
  const { repo, path, parameters } = lenientReading(host, target);
  if (path !== plainReading(target)) return `is read as ${path} by a lenient server`;
  if (admission.repo === undefined) return namesNoRepo(admission, path) ? undefined : 'names no repository';
  if (!allowsRepo(policy, admission.repo)) return `admits ${admission.repo}, which is not allowed`;
  if (admission.repo.endsWith('.wiki')) return 'admits a wiki';
  if (repo !== admission.repo) return `reads ${admission.repo} where a lenient server reads ${repo}`;
  if (/\/(?:compare|archive|zip)\/.*:/.test(path)) return 'admits a ref of another repository';
  return parameters.some((name) => FORBIDDEN_PARAMETERS.includes(name))
    ? 'admits a straying query'
    : undefined;
};

export const urlPolicy = {
  title:
    'whatever the target, an allowed request names an allowed repository, and the one that a lenient server reads too',
  run(cases: number): void {
    const admitted = new Set<string>();
    fc.assert(
      fc.property(request, ({ policy, where: { host, target }, method }) => {
        const decision = decideRequest(policy, surfaces, { method, host, target });
        if (!decision.allowed) {
          if (!/^\[km\] [\x20-\x7e…]+$/.test(decision.reason)) throw new Error(`reason: ${decision.reason}`);
          return;
        }
        admitted.add(decision.rule);
        const wrong = fault(policy, { host, target }, decision);
        if (wrong) throw new Error(`${method} ${host} ${target}: ${wrong}`);
      }),
      { numRuns: cases },
    );
    // A property over refusals alone would hold of a proxy that lets nothing through.
    for (const rule of ['git-read', 'download', 'rest-read', 'no-repo', 'signed-url']) {
      if (!admitted.has(rule)) throw new Error(`no case was let through by ${rule}`);
    }
  },
};
