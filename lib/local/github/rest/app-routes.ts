import type { App } from '../app.ts';
import type { Installation } from '../directory.ts';
import { GitHubError } from '../github-error.ts';
import { appJson, installationJson } from './app-json.ts';
import { paginate } from './paging.ts';
import type { RestContext, Route } from './route.ts';

const DOCUMENTATION = 'https://docs.github.com/rest/apps/apps';

const notFound = (fragment: string) =>
  new GitHubError(404, 'Not Found', { documentation: `${DOCUMENTATION}#${fragment}` });

/** The App that asks, on a route for Apps. */
export const appOf = ({ principal }: RestContext): App => {
  if (principal.kind === 'app') return principal.app;
  throw new GitHubError(401, 'A JSON web token could not be decoded');
};

/** The installation of the App that the path names. Throws 404. */
export const installationOf = (context: RestContext, fragment: string): Installation => {
  const found = context.state.directory.installation(context.params.id ?? '');
  if (!found || found.appId !== appOf(context).id) throw notFound(fragment);
  return found;
};

const installationOfAccount = (context: RestContext, login: string, fragment: string) => {
  const found = context.state.directory.installationOf(login, appOf(context).id);
  if (!found) throw notFound(fragment);
  return { status: 200, body: installationJson(context, found) };
};

/** What the App does as itself: see its installations, suspend and delete them. */
export const appRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: '/app',
    auth: 'app',
    handle: (context) => ({ status: 200, body: appJson(context, appOf(context)) }),
  },
  {
    method: 'GET',
    pattern: '/app/installations',
    auth: 'app',
    handle: (context) => {
      const { items, headers } = paginate(
        context,
        context.state.directory.allInstallations(appOf(context).id),
      );
      return { status: 200, headers, body: items.map((entry) => installationJson(context, entry)) };
    },
  },
  {
    method: 'GET',
    pattern: '/app/installations/{id}',
    auth: 'app',
    handle: (context) => ({
      status: 200,
      body: installationJson(
        context,
        installationOf(context, 'get-an-installation-for-the-authenticated-app'),
      ),
    }),
  },
  {
    method: 'DELETE',
    pattern: '/app/installations/{id}',
    auth: 'app',
    handle: (context) => {
      const { id } = installationOf(context, 'delete-an-installation-for-the-authenticated-app');
      context.state.directory.installations.delete(String(id));
      context.state.tokens.revokeAll(id);
      return { status: 204 };
    },
  },
  {
    method: 'PUT',
    pattern: '/app/installations/{id}/suspended',
    auth: 'app',
    handle: (context) => {
      const installation = installationOf(context, 'suspend-an-app-installation');
      context.state.directory.installations.set(String(installation.id), {
        ...installation,
        suspendedAt: installation.suspendedAt ?? context.now,
      });
      return { status: 204 };
    },
  },
  {
    method: 'DELETE',
    pattern: '/app/installations/{id}/suspended',
    auth: 'app',
    handle: (context) => {
      const { suspendedAt: _, ...rest } = installationOf(context, 'unsuspend-an-app-installation');
      context.state.directory.installations.set(String(rest.id), rest);
      return { status: 204 };
    },
  },
  {
    method: 'GET',
    pattern: '/orgs/{org}/installation',
    auth: 'app',
    handle: (context) => {
      const fragment = 'get-an-organization-installation-for-the-authenticated-app';
      const login = context.params.org ?? '';
      if (context.state.directory.account(login)?.type !== 'Organization') throw notFound(fragment);
      return installationOfAccount(context, login, fragment);
    },
  },
  {
    // GitHub answers for organizations here as well.
    method: 'GET',
    pattern: '/users/{username}/installation',
    auth: 'app',
    handle: (context) =>
      installationOfAccount(
        context,
        context.params.username ?? '',
        'get-a-user-installation-for-the-authenticated-app',
      ),
  },
  {
    method: 'GET',
    pattern: '/repos/{owner}/{repo}/installation',
    auth: 'app',
    handle: (context) => {
      const fragment = 'get-a-repository-installation-for-the-authenticated-app';
      const { directory } = context.state;
      const repository = directory.repository(context.params.owner ?? '', context.params.repo ?? '');
      const installation = repository && directory.installationOf(repository.owner, appOf(context).id);
      if (!installation || !directory.repositoriesOf(installation).some(({ id }) => id === repository.id))
        throw notFound(fragment);
      return { status: 200, body: installationJson(context, installation) };
    },
  },
];
