import { reachesRepository } from '../authenticate.ts';
import type { Account, Repository } from '../directory.ts';
import { accountJson } from '../rest/app-json.ts';
import { botOf } from '../rest/bot.ts';
import type { RestContext } from '../rest/route.ts';
import { connection, type PageArguments } from './connection.ts';
import { repositoryView } from './repository-view.ts';

/** The repositories that the token reaches, by id. */
export const reachableRepositories = ({ principal, state }: RestContext): Repository[] =>
  principal.kind === 'installation'
    ? state.directory
        .repositoriesOf(principal.installation)
        .filter((repository) => reachesRepository(principal, repository))
    : [];

/** An account, as the owner of repositories: of which it shows those that the token reaches. */
export const ownerView = (context: RestContext, account: Account) => {
  const { login, id, type, node_id, html_url } = accountJson(context, account);
  const own = () => reachableRepositories(context).filter((repository) => repository.ownerId === id);
  return {
    __typename: type,
    id: node_id,
    databaseId: id,
    login,
    name: login,
    url: html_url,
    avatarUrl: `${html_url}.png`,
    repositories: (args: PageArguments) =>
      connection('repositories', args, own(), (repository) => repositoryView(context, repository)),
    repository: ({ name }: { name: string }) => {
      const found = own().find((repository) => repository.name.toLowerCase() === name.toLowerCase());
      return found ? repositoryView(context, found) : null;
    },
  };
};

/** Who wrote something: an App, whose login stands without `[bot]` here. */
export const actorView = (context: RestContext, bot: string) => {
  const login = bot.replace('[bot]', '');
  const url = `${context.url}/apps/${login}`;
  const id = `BOT_${Buffer.from(login).toString('base64url')}`;
  return { __typename: 'Bot', id, login, url, avatarUrl: `${url}.png` };
};

/** Who asks: an installation is a user whose login ends in `[bot]`. */
export const viewerView = (context: RestContext) => ({
  ...actorView(context, botOf(context).login),
  __typename: 'User',
  login: botOf(context).login,
  repositories: (args: PageArguments) =>
    connection('repositories', args, reachableRepositories(context), (repository) =>
      repositoryView(context, repository),
    ),
});
