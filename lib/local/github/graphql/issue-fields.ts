import type { Repository } from '../directory.ts';
import { currentPull } from '../pull-requests.ts';
import type { RestContext } from '../rest/route.ts';
import { connection, type PageArguments } from './connection.ts';
import { demand } from './demand.ts';
import { issueView } from './issue-view.ts';
import { problem } from './problem.ts';
import { pullView } from './pull-view.ts';

interface Filter extends PageArguments {
  readonly states?: readonly string[] | null;
  readonly baseRefName?: string | null;
  readonly headRefName?: string | null;
  readonly filterBy?: {
    readonly assignee?: string | null;
    readonly createdBy?: string | null;
    readonly mentioned?: string | null;
  } | null;
}

const unresolved = (kind: string, number: number) =>
  problem('NOT_FOUND', `Could not resolve to ${kind} with the number of ${number}.`);

/** Nobody is assigned to an issue, or mentioned. */
const isWanted = ({ filterBy }: Filter, author: string): boolean => {
  const { assignee, createdBy, mentioned } = filterBy ?? {};
  if (assignee || mentioned) return false;
  return !createdBy || createdBy.replace('[bot]', '') === author.replace('[bot]', '');
};

/** The issues and pull requests of a repository. */
export const issueFields = (context: RestContext, repository: Repository) => {
  const { issues } = context.state;
  const view = async (number: number, kind: 'issue' | 'pull' | 'either') => {
    const found = issues.get(repository.id, number);
    if (found?.pull && kind !== 'issue') {
      demand(context, 'pull_requests', 'read');
      return pullView(context, repository, await currentPull(context.state, { ...found, pull: found.pull }));
    }
    if (found && !found.pull && kind !== 'pull') {
      demand(context, 'issues', 'read');
      return issueView(context, repository, found);
    }
    const name = { issue: 'an Issue', pull: 'a PullRequest', either: 'an issue or pull request' }[kind];
    throw unresolved(name, number);
  };
  return {
    issue: ({ number }: { number: number }) => view(number, 'issue'),
    pullRequest: ({ number }: { number: number }) => view(number, 'pull'),
    issueOrPullRequest: ({ number }: { number: number }) => view(number, 'either'),
    issues: (args: Filter) => {
      demand(context, 'issues', 'read');
      const all = issues
        .list(repository.id)
        .filter((issue) => !issue.pull && (args.states?.includes(issue.state.toUpperCase()) ?? true))
        .filter(({ author }) => isWanted(args, author));
      return connection('issues', args, all, (issue) => issueView(context, repository, issue));
    },
    pullRequests: async (args: Filter) => {
      demand(context, 'pull_requests', 'read');
      const all = issues.list(repository.id).flatMap((issue) => {
        const { pull } = issue;
        if (!pull) return [];
        const state = pull.mergedAt === undefined ? issue.state.toUpperCase() : 'MERGED';
        const wanted =
          (args.states?.includes(state) ?? true) &&
          (args.baseRefName ?? pull.base) === pull.base &&
          (args.headRefName ?? pull.head) === pull.head;
        return wanted ? [{ ...issue, pull }] : [];
      });
      const current = await Promise.all(all.map((issue) => currentPull(context.state, issue)));
      return connection('pullRequests', args, current, (issue) => pullView(context, repository, issue));
    },
  };
};
