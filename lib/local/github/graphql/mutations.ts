import type { Issue } from '../issue-store.ts';
import { issueRoutes } from '../rest/issue-routes.ts';
import { pullMergeRoutes } from '../rest/pull-merge-routes.ts';
import { pullRoutes } from '../rest/pull-routes.ts';
import { exactRef } from '../rest/ref-json.ts';
import { refRoutes } from '../rest/ref-routes.ts';
import { repositoryRoutes } from '../rest/repository-routes.ts';
import { type RestContext, router } from '../rest/route.ts';
import { refView } from './git-views.ts';
import { commentView } from './issue-view.ts';
import { problem } from './problem.ts';
import { eitherView, type Found, findNode } from './queries.ts';

type Input = Readonly<Record<string, unknown>>;

const route = router([...repositoryRoutes, ...refRoutes, ...pullRoutes, ...pullMergeRoutes, ...issueRoutes]);

type Kind = Found['kind'];

const found = <K extends Kind>(context: RestContext, kind: K, id: unknown): Extract<Found, { kind: K }> => {
  const node = findNode(context, String(id));
  if (node.kind !== kind)
    throw problem('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`);
  return node as Extract<Found, { kind: K }>;
};

/** Does what the REST route does, so that permissions and refusals have one truth. */
const perform = async (context: RestContext, node: Found, method: string, rest: string, body: Input) => {
  const { owner, name } = node.repository;
  const path = `/repos/${owner}/${name}${rest}`;
  const match = route(method, path);
  if (!match.route) throw problem('NOT_FOUND', 'Not Found');
  const { params } = match;
  const reply = await match.route.handle({ ...context, path, params, body: () => Promise.resolve(body) });
  return reply.body as { readonly number: number } | undefined;
};

const ids = (input: Input) => ({ clientMutationId: input.clientMutationId ?? null });

const viewOf = async (context: RestContext, node: Found, number: number) => {
  const issue = context.state.issues.get(node.repository.id, number);
  return issue ? eitherView(context, node.repository, issue) : null;
};

const refOf = async (context: RestContext, node: Found, name: string) => {
  const ref = await exactRef(context, node.repository, name);
  return ref ? refView(context, node.repository, ref) : null;
};

const comment = async (context: RestContext, input: Input) => {
  const node = found(context, 'issue', input.subjectId);
  const { number } = node.issue;
  await perform(context, node, 'POST', `/issues/${number}/comments`, { body: input.body });
  const issue = context.state.issues.get(node.repository.id, number) as Issue;
  const made = issue.comments.at(-1);
  const view = made ? commentView(context, node.repository, issue, made) : null;
  return { ...ids(input), commentEdge: { cursor: '', node: view } };
};

const path = (ref: string): string => ref.split('/').map(encodeURIComponent).join('/');

/** The fields of Mutation. */
export const mutations = (context: RestContext) => ({
  createIssue: async ({ input }: { input: Input }) => {
    const node = found(context, 'repository', input.repositoryId);
    const made = await perform(context, node, 'POST', '/issues', input);
    return { ...ids(input), issue: made ? viewOf(context, node, made.number) : null };
  },
  createPullRequest: async ({ input }: { input: Input }) => {
    const node = found(context, 'repository', input.repositoryId);
    const body = { ...input, base: input.baseRefName, head: input.headRefName };
    const made = await perform(context, node, 'POST', '/pulls', body);
    return { ...ids(input), pullRequest: made ? viewOf(context, node, made.number) : null };
  },
  addComment: ({ input }: { input: Input }) => comment(context, input),
  mergePullRequest: async ({ input }: { input: Input }) => {
    const node = found(context, 'issue', input.pullRequestId);
    const { commitHeadline: title, commitBody: text, expectedHeadOid: sha } = input;
    await perform(context, node, 'PUT', `/pulls/${node.issue.number}/merge`, {
      merge_method: String(input.mergeMethod).toLowerCase(),
      ...(typeof title === 'string' ? { commit_title: title } : {}),
      ...(typeof text === 'string' ? { commit_message: text } : {}),
      ...(typeof sha === 'string' ? { sha } : {}),
    });
    return { ...ids(input), pullRequest: viewOf(context, node, node.issue.number) };
  },
  closeIssue: async ({ input }: { input: Input }) => {
    const node = found(context, 'issue', input.issueId);
    await perform(context, node, 'PATCH', `/issues/${node.issue.number}`, { state: 'closed' });
    return { ...ids(input), issue: viewOf(context, node, node.issue.number) };
  },
  closePullRequest: async ({ input }: { input: Input }) => {
    const node = found(context, 'issue', input.pullRequestId);
    await perform(context, node, 'PATCH', `/pulls/${node.issue.number}`, { state: 'closed' });
    return { ...ids(input), pullRequest: viewOf(context, node, node.issue.number) };
  },
  createRef: async ({ input }: { input: Input }) => {
    const node = found(context, 'repository', input.repositoryId);
    await perform(context, node, 'POST', '/git/refs', { ref: input.name, sha: input.oid });
    return { ...ids(input), ref: refOf(context, node, String(input.name)) };
  },
  updateRef: async ({ input }: { input: Input }) => {
    const node = found(context, 'ref', input.refId);
    const body = { sha: input.oid, force: input.force };
    await perform(context, node, 'PATCH', `/git/${path(node.ref)}`, body);
    return { ...ids(input), ref: refOf(context, node, node.ref) };
  },
  deleteRef: async ({ input }: { input: Input }) => {
    const node = found(context, 'ref', input.refId);
    await perform(context, node, 'DELETE', `/git/${path(node.ref)}`, {});
    return ids(input);
  },
});
