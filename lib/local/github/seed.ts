import { z } from 'zod';
import { gitHubFaultsSchema } from './faults.ts';
import { InvalidInputError } from './invalid-input.ts';
import { exceeding, KNOWN_PERMISSIONS } from './permissions.ts';

/** A GitHub login. */
export const login = z
  .string()
  .regex(
    /^[a-z\d](?:[a-z\d]|-(?=[a-z\d])){0,38}$/i,
    'is not a GitHub login (letters, digits, single hyphens)',
  );

const repositoryName = z
  .string()
  .regex(/^(?!\.{1,2}$)(?!.*\.git$)[\w.-]{1,100}$/i, 'is not a repository name (1–100 of A–Z a–z 0–9 . _ -)');

/** App permissions that the local GitHub knows. */
export const permissions = z
  .record(z.string(), z.enum(['read', 'write', 'admin']))
  .superRefine((named, context) => {
    for (const name of Object.keys(named))
      if (!KNOWN_PERMISSIONS.includes(name))
        context.addIssue({ code: 'custom', path: [name], message: 'is not an App permission' });
  });

/** All repositories of an account, or some of them by name. */
export const repositorySelection = z.union([z.literal('all'), z.array(repositoryName)]);

const account = z.strictObject({
  login,
  type: z.enum(['User', 'Organization']),
  repos: z.array(repositoryName),
});

const installation = z.strictObject({
  account: login,
  repositories: repositorySelection,
  permissions: permissions.optional(),
  suspended: z.boolean().optional(),
});

const app = z.strictObject({
  slug: z.string().regex(/^[a-z\d](?:[a-z\d-]{0,32}[a-z\d])?$/, 'is not an App slug'),
  permissions,
  installations: z.array(installation),
});

const seedOf = <A extends z.ZodType>(seededApp: A) =>
  z.strictObject({
    accounts: z.array(account),
    app: seededApp,
    host: z.enum(['github.com', 'ghes', 'ghe.com']).optional(),
    faults: gitHubFaultsSchema.optional(),
  });

type Problem = (path: (string | number)[], message: string) => void;

const findTwins = (
  names: readonly string[],
  path: (index: number) => (string | number)[],
  problem: Problem,
) => {
  const seen = new Set<string>();
  names.forEach((name, index) => {
    if (seen.has(name.toLowerCase())) problem(path(index), `'${name}' stands here twice`);
    seen.add(name.toLowerCase());
  });
};

const checkAccounts = (accounts: readonly SeedAccount[], problem: Problem) => {
  findTwins(
    accounts.map((entry) => entry.login),
    (index) => ['accounts', index, 'login'],
    problem,
  );
  accounts.forEach((entry, index) => {
    findTwins(entry.repos, (repo) => ['accounts', index, 'repos', repo], problem);
  });
};

const checkApp = (
  { installations, permissions: asked }: SeedApp,
  accounts: readonly SeedAccount[],
  problem: Problem,
) => {
  const owners = new Map(accounts.map((entry) => [entry.login.toLowerCase(), entry]));
  findTwins(
    installations.map((entry) => entry.account),
    (index) => ['app', 'installations', index, 'account'],
    problem,
  );
  installations.forEach((entry, index) => {
    const at = ['app', 'installations', index];
    const owner = owners.get(entry.account.toLowerCase());
    if (!owner) {
      problem([...at, 'account'], `no account is named '${entry.account}'`);
      return;
    }
    const names = new Set(owner.repos.map((name) => name.toLowerCase()));
    if (entry.repositories !== 'all')
      entry.repositories.forEach((name, repo) => {
        if (!names.has(name.toLowerCase()))
          problem([...at, 'repositories', repo], `${owner.login} has no repository '${name}'`);
      });
    for (const name of exceeding(entry.permissions ?? {}, asked))
      problem([...at, 'permissions', name], 'is more than the App itself asks for');
  });
};

const withoutApp = seedOf(z.literal('none')).superRefine(({ accounts }, context) => {
  checkAccounts(accounts, (path, message) => context.addIssue({ code: 'custom', path, message }));
});

const withApp = seedOf(app).superRefine((seed, context) => {
  const problem: Problem = (path, message) => context.addIssue({ code: 'custom', path, message });
  checkAccounts(seed.accounts, problem);
  checkApp(seed.app, seed.accounts, problem);
});

type SeedAccount = z.output<typeof account>;

export type SeedApp = z.output<typeof app>;

/**
 * What the local GitHub holds on its first start: accounts with repositories, one App or `none`, and where it is
 * installed; and which GitHub it stands in for.
 */
export type Seed = z.output<typeof withApp> | z.output<typeof withoutApp>;

/** Validates a seed as read from YAML or JSON. Throws InvalidInputError with every problem at once. */
export const parseSeed = (value: unknown): Seed => {
  const namesNone = typeof value === 'object' && (value as { app?: unknown } | null)?.app === 'none';
  const result = (namesNone ? withoutApp : withApp).safeParse(value);
  if (result.success) return result.data;
  throw new InvalidInputError('seed', result.error);
};

/**
 * The seed of a local cloud that was given none: two accounts with the App, of which one has a repository that no
 * example profile names, and an account beside the App's.
 */
export const DEFAULT_SEED: z.output<typeof withApp> = {
  accounts: [
    { login: 'my-user', type: 'User', repos: ['my-repo'] },
    { login: 'my-org', type: 'Organization', repos: ['another-repo', 'private-repo'] },
    { login: 'other-org', type: 'Organization', repos: ['their-repo'] },
  ],
  app: {
    slug: 'km-local',
    permissions: {
      actions: 'write',
      checks: 'write',
      contents: 'write',
      issues: 'write',
      metadata: 'read',
      pull_requests: 'write',
      workflows: 'write',
    },
    installations: [
      { account: 'my-user', repositories: 'all' },
      { account: 'my-org', repositories: 'all' },
    ],
  },
};
