import { GitHubError } from '../github-error.ts';
import type { RestContext } from './route.ts';

/** The App of the token, as the author of what it makes. */
export interface Bot {
  /** `slug[bot]`. */
  readonly login: string;
  readonly id: number;
  /** `Name <mail>`, for commits. */
  readonly identity: string;
}

/** Who an installation acts as. Throws 403 for whoever is none. */
export const botOf = ({ principal, state }: Pick<RestContext, 'principal' | 'state'>): Bot => {
  if (principal.kind !== 'installation') throw new GitHubError(403, 'Resource not accessible by integration');
  const id = principal.installation.appId;
  const login = `${state.apps.get(id)?.slug}[bot]`;
  return { login, id, identity: `${login} <${id}+${login}@users.noreply.github.localhost>` };
};

/** @see https://docs.github.com/en/rest/users/users#get-a-user */
export const botJson = ({ apiUrl, url }: Pick<RestContext, 'apiUrl' | 'url'>, login: string) => ({
  login,
  id: 1,
  node_id: `BOT_${Buffer.from(login).toString('base64url')}`,
  url: `${apiUrl}/users/${encodeURIComponent(login)}`,
  html_url: `${url}/apps/${login.replace('[bot]', '')}`,
  type: 'Bot',
  site_admin: false,
});
