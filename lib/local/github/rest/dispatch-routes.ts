import { GitHubError } from '../github-error.ts';
import { commitOf } from './commit-routes.ts';
import { invalidField } from './issue-routes.ts';
import { accessRepository } from './repository-access.ts';
import type { Reply, RestContext, Route } from './route.ts';

/** An event that would start workflows: kept, so that tests can see what came. Nothing runs. */
export interface Dispatch {
  /** `owner/name`. */
  readonly repository: string;
  readonly event: 'repository_dispatch' | 'workflow_dispatch';
  /** The event's type, or the workflow's file name or id. */
  readonly name: string;
  readonly ref?: string;
  readonly payload: unknown;
  /** Milliseconds on GitHub's clock. */
  readonly at: number;
}

const EVENT = 'https://docs.github.com/rest/repos/repos#create-a-repository-dispatch-event';
const WORKFLOW = 'https://docs.github.com/rest/actions/workflows#create-a-workflow-dispatch-event';

const record = ({ state, now }: RestContext, dispatch: Omit<Dispatch, 'at'>): Reply => {
  state.dispatches.set(String(state.dispatches.keys().length), { ...dispatch, at: now });
  return { status: 204 };
};

const dispatchEvent = async (context: RestContext): Promise<Reply> => {
  const repository = accessRepository(context, 'contents', 'write', EVENT);
  const { event_type: name, client_payload: payload = {} } = await context.body();
  if (typeof name !== 'string' || name === '' || name.length > 100)
    throw invalidField(EVENT, 'RepositoryDispatch', 'event_type');
  const full = `${repository.owner}/${repository.name}`;
  return record(context, { repository: full, event: 'repository_dispatch', name, payload });
};

const dispatchWorkflow = async (context: RestContext): Promise<Reply> => {
  const repository = accessRepository(context, 'actions', 'write', WORKFLOW);
  const { ref, inputs: payload = {} } = await context.body();
  if (typeof ref !== 'string') throw invalidField(WORKFLOW, 'WorkflowDispatch', 'ref');
  if ((await commitOf(context, repository, ref)) === undefined)
    throw new GitHubError(422, `No ref found for: ${ref}`, { documentation: WORKFLOW });
  const full = `${repository.owner}/${repository.name}`;
  const name = context.params.workflow ?? '';
  return record(context, { repository: full, event: 'workflow_dispatch', name, ref, payload });
};

/** There are no workflows here, and none ever ran. */
const none = (context: RestContext, key: string): Reply => {
  accessRepository(context, 'actions', 'read', 'https://docs.github.com/rest/actions');
  return { status: 200, body: { total_count: 0, [key]: [] } };
};

const ACTIONS = '/repos/{owner}/{repo}/actions';

/** Events that start workflows. */
export const dispatchRoutes: readonly Route[] = [
  { method: 'POST', pattern: '/repos/{owner}/{repo}/dispatches', auth: 'anyone', handle: dispatchEvent },
  {
    method: 'POST',
    pattern: `${ACTIONS}/workflows/{workflow}/dispatches`,
    auth: 'anyone',
    handle: dispatchWorkflow,
  },
  {
    method: 'GET',
    pattern: `${ACTIONS}/workflows`,
    auth: 'anyone',
    handle: (context) => none(context, 'workflows'),
  },
  {
    method: 'GET',
    pattern: `${ACTIONS}/runs`,
    auth: 'anyone',
    handle: (context) => none(context, 'workflow_runs'),
  },
];
