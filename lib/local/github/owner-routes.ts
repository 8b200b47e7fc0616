import { z } from 'zod';
import type { App } from './app.ts';
import type { Installation } from './directory.ts';
import type { GitHubState } from './github-state.ts';
import { InvalidInputError } from './invalid-input.ts';
import { parseManifest } from './manifest.ts';
import { pendingPermissions } from './owner-actions.ts';
import { router } from './rest/route.ts';
import { login, permissions, repositorySelection } from './seed.ts';

/** One `/_km/github` request, after the admin token was checked. */
export interface OwnerRequest {
  readonly method: string;
  /** What follows `/_km/github`. */
  readonly path: string;
  /** `app`: the slug of the App that is meant; absent: the oldest. */
  readonly query: URLSearchParams;
  /** The JSON body; empty without one. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface OwnerAnswer {
  readonly status: number;
  readonly body: object;
}

interface OwnerContext extends OwnerRequest {
  readonly state: GitHubState;
  readonly params: Readonly<Record<string, string>>;
  readonly app: App | undefined;
  readonly now: number;
}

interface OwnerRoute {
  readonly method: string;
  readonly pattern: string;
  handle(context: OwnerContext): OwnerAnswer | Promise<OwnerAnswer>;
}

const refused = (status: number, message: string): OwnerAnswer => ({ status, body: { message } });
const gone = refused(404, 'There is no such App, account or installation');

const read = <S extends z.ZodType>(schema: S, body: unknown): z.output<S> => {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new InvalidInputError('body', result.error);
};

const installed = z.strictObject({
  account: login,
  repositories: repositorySelection,
  permissions: permissions.optional(),
});

const changed = z.strictObject({
  suspended: z.boolean().optional(),
  repositories: repositorySelection.optional(),
  permissions: z.union([permissions, z.literal('accept')]).optional(),
});

const registered = z.strictObject({
  manifest: z.record(z.string(), z.unknown()),
  organization: login.optional(),
  state: z.string().optional(),
});

const appOf = (state: GitHubState, app: App): object => ({
  id: app.id,
  client_id: app.clientId,
  slug: app.slug,
  name: app.name,
  owner: state.directory.accountById(app.ownerId)?.login ?? null,
  public: app.public,
  permissions: app.permissions,
  keys: app.publicKeys.length,
});

const installationOf = (state: GitHubState, entry: Installation): object => {
  const app = state.apps.get(entry.appId);
  return {
    id: entry.id,
    app: app?.slug,
    account: entry.account,
    repositories:
      entry.repositories === 'all' ? 'all' : state.directory.repositoriesOf(entry).map(({ name }) => name),
    permissions: entry.permissions,
    pending: app ? pendingPermissions(app, entry) : {},
    suspended: entry.suspendedAt !== undefined,
  };
};

const answer = (state: GitHubState, installation: Installation | undefined, status = 200): OwnerAnswer =>
  installation ? { status, body: installationOf(state, installation) } : gone;

const register = ({ state, body, now }: OwnerContext): OwnerAnswer => {
  const { manifest: given, organization, state: echo } = read(registered, body);
  const result = parseManifest(JSON.stringify(given));
  if (!result.ok) return refused(422, result.problems.join('; '));
  const owner = state.directory
    .allAccounts()
    .find(({ login: name, type }) =>
      organization === undefined
        ? type === 'User'
        : type === 'Organization' && name.toLowerCase() === organization.toLowerCase(),
    );
  if (!owner) return gone;
  const name = result.manifest.name ?? '';
  const problem = state.registrations.nameProblem(name, owner);
  if (problem !== undefined) return refused(422, problem);
  const made = state.registrations.register({ manifest: result.manifest, name, owner, state: echo, now });
  return { status: 201, body: { code: made.code, location: made.location, app: appOf(state, made.app) } };
};

const routes: readonly OwnerRoute[] = [
  {
    method: 'GET',
    pattern: '',
    handle: ({ state }) => ({
      status: 200,
      body: {
        host: state.host,
        accounts: state.directory.allAccounts().map(({ login: name, type }) => ({ login: name, type })),
        apps: state.apps.all().map((app) => appOf(state, app)),
        installations: state.directory.allInstallations().map((entry) => installationOf(state, entry)),
      },
    }),
  },
  {
    method: 'GET',
    pattern: '/dispatches',
    handle: ({ state }) => ({ status: 200, body: { dispatches: state.dispatches.values() } }),
  },
  { method: 'POST', pattern: '/apps', handle: register },
  {
    method: 'DELETE',
    pattern: '/apps/{slug}',
    handle: ({ state, params }) =>
      state.owner.deleteApp(params.slug ?? '') ? { status: 200, body: {} } : gone,
  },
  {
    method: 'PATCH',
    pattern: '/app',
    handle: ({ state, body, app }) => {
      const { permissions: asked } = read(z.strictObject({ permissions }), body);
      const done = app && state.owner.changePermissions(asked, app.slug);
      return done ? { status: 200, body: appOf(state, done) } : gone;
    },
  },
  {
    method: 'POST',
    pattern: '/app-keys',
    handle: async ({ state, app }) =>
      app ? { status: 201, body: { pem: await state.owner.addAppKey(app.slug) } } : gone,
  },
  {
    method: 'DELETE',
    pattern: '/app-keys/old',
    handle: ({ state, app }) => {
      if (!app) return gone;
      state.owner.dropOldAppKeys(app.slug);
      return { status: 200, body: {} };
    },
  },
  {
    method: 'POST',
    pattern: '/installations',
    handle: ({ state, body, app }) => {
      const { permissions: granted, ...rest } = read(installed, body);
      const options = { ...rest, ...(granted ? { permissions: granted } : {}) };
      return answer(state, app && state.owner.install(options, app.slug), 201);
    },
  },
  {
    method: 'DELETE',
    pattern: '/installations/{account}',
    handle: ({ state, params, app }) =>
      app && state.owner.uninstall(params.account ?? '', app.slug) ? { status: 200, body: {} } : gone,
  },
  {
    method: 'PATCH',
    pattern: '/installations/{account}',
    handle: ({ state, params, body, app }) => {
      const { suspended, repositories, permissions: granted } = read(changed, body);
      const account = params.account ?? '';
      if (!app) return gone;
      if (granted === 'accept' && !state.owner.acceptPermissions(account, app.slug)) return gone;
      const change = {
        ...(suspended === undefined ? {} : { suspended }),
        ...(repositories ? { repositories } : {}),
        ...(granted && granted !== 'accept' ? { permissions: granted } : {}),
      };
      return answer(state, state.owner.changeInstallation(account, change, app.slug));
    },
  },
  {
    method: 'POST',
    pattern: '/accounts/{login}/rename',
    handle: ({ state, params, body }) => {
      const { login: to } = read(z.strictObject({ login }), body);
      const from = params.login ?? '';
      if (!state.directory.account(from)) return gone;
      const renamed = state.owner.rename(from, to);
      return renamed
        ? { status: 200, body: { login: renamed.login, id: renamed.id } }
        : refused(409, `The login '${to}' is taken`);
    },
  },
];

const route = router(routes);

/**
 * What people do on GitHub's pages, for tests: the `/_km/github` routes of the local cloud. Throws InvalidInputError
 * for a body that is not understood.
 */
export const answerOwner = async (
  state: GitHubState,
  now: number,
  request: OwnerRequest,
): Promise<OwnerAnswer> => {
  const { route: found, ...match } = route(request.method, request.path);
  if (!found) return refused(404, `No route ${request.method} /_km/github${request.path}`);
  const slug = request.query.get('app');
  const app = slug === null ? state.apps.all()[0] : state.apps.bySlug(slug);
  const params = 'params' in match ? match.params : {};
  return found.handle({ ...request, state, now, app, params });
};
