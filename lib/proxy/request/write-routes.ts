import type { RefWrite } from '../rest/ref-write.ts';
import type { RouteValues } from './match-route.ts';

/** A REST write that may be let through. */
export interface WriteRoute {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Behind `/repos/{owner}/{repo}/`; see `matchRoute`. */
  readonly pattern: string;
  /** Any of them at level `write` is enough. */
  readonly permissions: readonly string[];
  /** For a route that moves a ref or decides which one will be moved. `undefined`: its path names no such ref. */
  readonly refWrite?: (values: RouteValues) => RefWrite | undefined;
}

const on = (
  permissions: readonly string[],
  routes: readonly string[],
  refWrite?: WriteRoute['refWrite'],
): WriteRoute[] =>
  routes.map((route) => {
    const [method, pattern = ''] = route.split(' ');
    return {
      method: method as WriteRoute['method'],
      pattern,
      permissions,
      ...(refWrite ? { refWrite } : {}),
    };
  });

const CONTENTS = ['contents'];
const PULLS = ['pull_requests'];
const ISSUES = ['issues'];
/** A pull request is an issue too: what both have takes the permission of either. */
const CONVERSATION = ['issues', 'pull_requests'];

/** `git check-ref-format`, over a name that strictTarget has let through. */
const NOT_IN_REFS = /[\x20~^:?*[\x7f]|\.\.|@\{|\.lock(?:\/|$)|(?:^|\/)\.|\.$/;

/** The full name behind `git/refs/`, or `undefined` where GitHub could read another one. */
const fullRef = (name: string | undefined): string | undefined => {
  if (name === undefined || !/^(?!refs\/)[^/]+\/./.test(name) || NOT_IN_REFS.test(name)) return undefined;
  return `refs/${name}`;
};

const branchName = (name: string | undefined): string | undefined =>
  name === undefined || name.startsWith('refs/') || name.startsWith('-') || NOT_IN_REFS.test(name)
    ? undefined
    : name;

const refMoves: readonly WriteRoute[] = [
  ...on(CONTENTS, ['POST git/refs'], () => ({ kind: 'create-ref' })),
  ...on(CONTENTS, ['PATCH git/refs/{ref...}'], (values) => {
    const ref = fullRef(values.ref);
    return ref === undefined ? undefined : { kind: 'update-ref', ref };
  }),
  ...on(CONTENTS, ['DELETE git/refs/{ref...}'], (values) => {
    const ref = fullRef(values.ref);
    return ref === undefined ? undefined : { kind: 'delete-ref', ref };
  }),
  ...on(CONTENTS, ['POST merges'], () => ({ kind: 'merge' })),
  ...on(CONTENTS, ['POST merge-upstream'], () => ({ kind: 'merge-upstream' })),
  ...on(CONTENTS, ['PUT contents/{path...}', 'DELETE contents/{path...}'], () => ({ kind: 'contents' })),
  ...on(CONTENTS, ['POST branches/{branch}/rename'], (values) => {
    const branch = branchName(values.branch);
    return branch === undefined ? undefined : { kind: 'rename-branch', branch };
  }),
  ...on(CONTENTS, ['PUT pulls/{number}/merge'], ({ number }) => ({
    kind: 'merge-pull',
    number: Number(number),
  })),
  ...on(CONTENTS, ['PUT pulls/{number}/update-branch'], ({ number }) => ({
    kind: 'update-pull-branch',
    number: Number(number),
  })),
  ...on(PULLS, ['POST pulls', 'PATCH pulls/{number}'], () => ({ kind: 'write-pull' })),
  ...on(CONTENTS, ['POST releases'], () => ({ kind: 'write-release' })),
  ...on(CONTENTS, ['PATCH releases/{id}'], ({ id }) => ({ kind: 'write-release', id: Number(id) })),
  ...on(CONTENTS, ['POST dispatches'], () => ({ kind: 'repository-dispatch' })),
  ...on(['actions'], ['POST actions/workflows/{workflow}/dispatches'], () => ({ kind: 'workflow-dispatch' })),
];

/**
 * Every REST write that km knows to stay within its repository and to do no more than its permission says. What makes
 * copies elsewhere, changes who may do what, holds secrets, or names something by a number that is global (forks,
 * transfer, hooks, keys, collaborators, protection, settings, sub-issues, …) is not here, and so is refused; so is
 * `POST` where GitHub takes it for `PATCH`.
 *
 * {@link https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps}
 */
export const WRITE_ROUTES: readonly WriteRoute[] = [
  ...refMoves,
  ...on(CONTENTS, ['POST git/blobs', 'POST git/trees', 'POST git/commits', 'POST git/tags']),
  ...on(CONTENTS, ['DELETE releases/{id}', 'POST releases/generate-notes']),
  ...on(CONTENTS, ['PATCH releases/assets/{id}', 'DELETE releases/assets/{id}']),
  ...on(ISSUES, ['POST issues', 'POST labels', 'PATCH labels/{name}', 'DELETE labels/{name}']),
  ...on(ISSUES, ['POST milestones', 'PATCH milestones/{number}', 'DELETE milestones/{number}']),
  ...on(CONVERSATION, ['PATCH issues/{number}', 'POST issues/{number}/comments']),
  ...on(CONVERSATION, ['PATCH issues/comments/{id}', 'DELETE issues/comments/{id}']),
  ...on(CONVERSATION, ['POST issues/{number}/assignees', 'DELETE issues/{number}/assignees']),
  ...on(CONVERSATION, ['POST issues/{number}/labels', 'PUT issues/{number}/labels']),
  ...on(CONVERSATION, ['DELETE issues/{number}/labels', 'DELETE issues/{number}/labels/{name}']),
  ...on(CONVERSATION, ['PUT issues/{number}/lock', 'DELETE issues/{number}/lock']),
  ...on(CONVERSATION, ['POST issues/{number}/reactions', 'DELETE issues/{number}/reactions/{id}']),
  ...on(CONVERSATION, ['POST issues/comments/{id}/reactions']),
  ...on(PULLS, ['POST pulls/{number}/comments', 'POST pulls/{number}/comments/{id}/replies']),
  ...on(PULLS, ['PATCH pulls/comments/{id}', 'DELETE pulls/comments/{id}']),
  ...on(PULLS, ['POST pulls/comments/{id}/reactions']),
  ...on(PULLS, ['POST pulls/{number}/reviews', 'PUT pulls/{number}/reviews/{id}']),
  ...on(PULLS, ['DELETE pulls/{number}/reviews/{id}', 'POST pulls/{number}/reviews/{id}/events']),
  ...on(PULLS, ['PUT pulls/{number}/reviews/{id}/dismissals']),
  ...on(PULLS, ['POST pulls/{number}/requested_reviewers', 'DELETE pulls/{number}/requested_reviewers']),
  ...on(['checks'], ['POST check-runs', 'PATCH check-runs/{id}', 'POST check-runs/{id}/rerequest']),
  ...on(['checks'], ['POST check-suites', 'POST check-suites/{id}/rerequest']),
  ...on(['actions'], ['POST actions/runs/{id}/rerun', 'POST actions/runs/{id}/rerun-failed-jobs']),
  ...on(['actions'], ['POST actions/runs/{id}/cancel', 'POST actions/runs/{id}/force-cancel']),
  ...on(
    ['actions'],
    ['POST actions/jobs/{id}/rerun', 'DELETE actions/runs/{id}', 'DELETE actions/runs/{id}/logs'],
  ),
  ...on(['actions'], ['DELETE actions/artifacts/{id}', 'DELETE actions/caches/{id}']),
  ...on(['actions'], ['PUT actions/workflows/{workflow}/enable', 'PUT actions/workflows/{workflow}/disable']),
];
