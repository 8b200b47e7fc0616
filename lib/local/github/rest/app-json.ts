import type { App } from '../app.ts';
import type { Account, Installation, Repository } from '../directory.ts';
import { defaultBranch } from '../git/move-refs.ts';
import type { RestContext } from './route.ts';

/** A timestamp as GitHub writes it: ISO 8601 in UTC, without fractions. */
export const timestamp = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

const nodeId = (kind: string, id: number): string =>
  `${kind}_${Buffer.from(String(id)).toString('base64url')}`;

export const accountJson = (
  { apiUrl, url }: RestContext,
  account: Pick<Account, 'id' | 'login' | 'type'>,
) => ({
  login: account.login,
  id: account.id,
  node_id: nodeId(account.type === 'User' ? 'U' : 'O', account.id),
  url: `${apiUrl}/users/${account.login}`,
  html_url: `${url}/${account.login}`,
  type: account.type,
  site_admin: false,
});

const ownerJson = (context: RestContext, app: App) => {
  const owner = context.state.directory.accountById(app.ownerId);
  return owner ? accountJson(context, owner) : null;
};

/** @see https://docs.github.com/en/rest/apps/apps#get-the-authenticated-app */
export const appJson = (context: RestContext, app: App) => ({
  id: app.id,
  slug: app.slug,
  node_id: nodeId('A', app.id),
  client_id: app.clientId,
  owner: ownerJson(context, app),
  name: app.name,
  description: app.description,
  external_url: app.url,
  html_url: `${context.url}${context.state.appsPath}/${app.slug}`,
  created_at: timestamp(app.createdAt),
  updated_at: timestamp(app.updatedAt),
  permissions: app.permissions,
  events: app.events,
  installations_count: context.state.directory.allInstallations(app.id).length,
});

/** @see https://docs.github.com/en/rest/apps/apps#get-an-installation-for-the-authenticated-app */
export const installationJson = (context: RestContext, installation: Installation) => {
  const { state, apiUrl, url } = context;
  const account = state.directory.account(installation.account);
  const app = state.apps.get(installation.appId);
  return {
    id: installation.id,
    client_id: app?.clientId,
    account: account ? accountJson(context, account) : null,
    repository_selection: installation.repositories === 'all' ? 'all' : 'selected',
    access_tokens_url: `${apiUrl}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${apiUrl}/installation/repositories`,
    html_url: `${url}/${account?.type === 'User' ? '' : `organizations/${installation.account}/`}settings/installations/${installation.id}`,
    app_id: installation.appId,
    app_slug: app?.slug,
    target_id: installation.accountId,
    target_type: account?.type ?? 'Organization',
    permissions: installation.permissions,
    events: [],
    created_at: timestamp(installation.createdAt),
    updated_at: timestamp(installation.suspendedAt ?? installation.createdAt),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: installation.suspendedAt === undefined || !account ? null : accountJson(context, account),
    suspended_at: installation.suspendedAt === undefined ? null : timestamp(installation.suspendedAt),
  };
};

/** @see https://docs.github.com/en/rest/repos/repos#get-a-repository */
export const repositoryJson = (context: RestContext, repository: Repository) => {
  const { state, apiUrl, url } = context;
  const fullName = `${repository.owner}/${repository.name}`;
  const owner = state.directory.account(repository.owner);
  return {
    id: repository.id,
    node_id: nodeId('R', repository.id),
    name: repository.name,
    full_name: fullName,
    private: true,
    visibility: 'private',
    owner: owner ? accountJson(context, owner) : null,
    html_url: `${url}/${fullName}`,
    description: null,
    fork: false,
    url: `${apiUrl}/repos/${fullName}`,
    clone_url: `${url}/${fullName}.git`,
    default_branch: defaultBranch(state.git, repository.id),
    archived: false,
    disabled: false,
    created_at: timestamp(repository.createdAt),
    updated_at: timestamp(repository.createdAt),
  };
};
