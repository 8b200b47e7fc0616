import type { Repository } from '../directory.ts';
import type { Issue } from '../issue-store.ts';
import { currentPull } from '../pull-requests.ts';
import { repositoryJson, timestamp } from '../rest/app-json.ts';
import { issueJson } from '../rest/issue-json.ts';
import { exactRef } from '../rest/ref-json.ts';
import type { RestContext } from '../rest/route.ts';
import { ownerView, reachableRepositories, viewerView } from './account-views.ts';
import { connection, type PageArguments } from './connection.ts';
import { demand } from './demand.ts';
import { refView } from './git-views.ts';
import { issueView } from './issue-view.ts';
import { problem } from './problem.ts';
import { pullView } from './pull-view.ts';
import { repositoryView } from './repository-view.ts';

/** The view of an issue or a pull request. */
export const eitherView = async (context: RestContext, repository: Repository, issue: Issue) => {
  const { pull } = issue;
  demand(context, pull ? 'pull_requests' : 'issues', 'read');
  if (!pull) return issueView(context, repository, issue);
  return pullView(context, repository, await currentPull(context.state, { ...issue, pull }));
};

export type Found =
  | { readonly kind: 'repository'; readonly repository: Repository }
  | { readonly kind: 'ref'; readonly repository: Repository; readonly ref: string }
  | { readonly kind: 'issue'; readonly repository: Repository; readonly issue: Issue };

/** What a node id stands for, where the token reaches it. Throws NOT_FOUND. */
export const findNode = (context: RestContext, id: string): Found => {
  const [, ref = ''] = /^REF_([\w-]+)$/.exec(id) ?? [];
  const [, number = '', name = ''] =
    /^(\d+):(.+)$/s.exec(Buffer.from(ref, 'base64url').toString('utf8')) ?? [];
  for (const repository of reachableRepositories(context)) {
    if (repositoryJson(context, repository).node_id === id) return { kind: 'repository', repository };
    if (String(repository.id) === number) return { kind: 'ref', repository, ref: name };
    for (const issue of context.state.issues.list(repository.id))
      if (issueJson(context, repository, issue).node_id === id) return { kind: 'issue', repository, issue };
  }
  throw problem('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`);
};

const nodeView = async (context: RestContext, id: string) => {
  const found = findNode(context, id);
  if (found.kind === 'repository') return repositoryView(context, found.repository);
  if (found.kind === 'issue') return eitherView(context, found.repository, found.issue);
  demand(context, 'contents', 'read');
  const ref = await exactRef(context, found.repository, found.ref);
  return ref ? refView(context, found.repository, ref) : null;
};

const repositoryOf = (context: RestContext, owner: string, name: string) => {
  const full = `${owner}/${name}`.toLowerCase();
  const found = reachableRepositories(context).find(
    (repository) => `${repository.owner}/${repository.name}`.toLowerCase() === full,
  );
  if (!found)
    throw problem('NOT_FOUND', `Could not resolve to a Repository with the name '${owner}/${name}'.`);
  return repositoryView(context, found);
};

/** The issues and pull requests that a search for `repo:`, `is:`, `state:`, `author:`, `head:` and words finds. */
const searchIssues = (context: RestContext, query: string): { repository: Repository; issue: Issue }[] => {
  const terms = query
    .toLowerCase()
    .split(/\s+/)
    .filter((term) => term !== '');
  const matches = (repository: Repository, issue: Issue) => (term: string) => {
    const [, key = '', value = term] = /^([a-z-]+):(.*)$/.exec(term) ?? [];
    if (key === 'repo') return value === `${repository.owner}/${repository.name}`.toLowerCase();
    if (key === 'state') return value === issue.state;
    if (key === 'author') return value === '@me' || value === issue.author.toLowerCase();
    if (key === 'head') return value === issue.pull?.head.toLowerCase();
    if (key === 'is' || key === 'type') {
      if (value === 'pr' || value === 'issue') return (value === 'pr') === (issue.pull !== undefined);
      return value === issue.state || (value === 'merged' && issue.pull?.mergedAt !== undefined);
    }
    return key === '' && `${issue.title} ${issue.body}`.toLowerCase().includes(value);
  };
  return reachableRepositories(context).flatMap((repository) =>
    context.state.issues
      .list(repository.id)
      .filter((issue) => terms.every(matches(repository, issue)))
      .map((issue) => ({ repository, issue })),
  );
};

const search = (
  context: RestContext,
  args: PageArguments & { readonly query: string; readonly type: string },
) => {
  if (args.type === 'REPOSITORY') {
    const all = reachableRepositories(context).filter(({ name }) => name.includes(args.query));
    const page = connection('search', args, all, (repository) => repositoryView(context, repository));
    return { ...page, issueCount: 0, repositoryCount: all.length };
  }
  const all = searchIssues(context, args.query);
  const page = connection('search', args, all, ({ repository, issue }) =>
    eitherView(context, repository, issue),
  );
  return { ...page, issueCount: all.length, repositoryCount: 0 };
};

/** The fields of Query. */
export const queries = (context: RestContext) => ({
  repository: ({ owner, name }: { owner: string; name: string }) => repositoryOf(context, owner, name),
  repositoryOwner: ({ login }: { login: string }) => {
    const account = context.state.directory.account(login);
    return account ? ownerView(context, account) : null;
  },
  node: ({ id }: { id: string }) => nodeView(context, id),
  nodes: ({ ids }: { ids: readonly string[] }) => ids.map((id) => nodeView(context, id)),
  viewer: () => viewerView(context),
  search: (args: PageArguments & { readonly query: string; readonly type: string }) => search(context, args),
  rateLimit: () => {
    const { limit, used, remaining, reset } = context.usage;
    return { cost: 1, nodeCount: 0, limit, used, remaining, resetAt: timestamp(reset * 1000) };
  },
});
