import { createRef, isRefName, listRefs, objectExists } from '../git/repository-content.ts';
import { GitHubError } from '../github-error.ts';
import { repositoryJson } from './app-json.ts';
import { paginate } from './paging.ts';
import { branchJson, exactRef, refJson } from './ref-json.ts';
import { accessRepository } from './repository-access.ts';
import type { Route } from './route.ts';

const REPOSITORY = 'https://docs.github.com/rest/repos/repos#get-a-repository';
const BRANCHES = 'https://docs.github.com/rest/branches/branches#list-branches';
const GET_REF = 'https://docs.github.com/rest/git/refs#get-a-reference';
const CREATE_REF = 'https://docs.github.com/rest/git/refs#create-a-reference';

/** A repository, its branches and its refs. */
export const repositoryRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: '/repos/{owner}/{repo}',
    auth: 'anyone',
    handle: (context) => ({
      status: 200,
      body: repositoryJson(context, accessRepository(context, 'metadata', 'read', REPOSITORY)),
    }),
  },
  {
    method: 'GET',
    pattern: '/repos/{owner}/{repo}/branches',
    auth: 'anyone',
    handle: async (context) => {
      const repository = accessRepository(context, 'contents', 'read', BRANCHES);
      const all = await listRefs(context.state.git, repository.id, 'refs/heads/');
      const { items, headers } = paginate(context, all);
      return { status: 200, headers, body: items.map((ref) => branchJson(context, repository, ref)) };
    },
  },
  {
    method: 'GET',
    pattern: '/repos/{owner}/{repo}/branches/{branch*}',
    auth: 'anyone',
    handle: async (context) => {
      const documentation = 'https://docs.github.com/rest/branches/branches#get-a-branch';
      const repository = accessRepository(context, 'contents', 'read', documentation);
      const ref = await exactRef(context, repository, `refs/heads/${context.params.branch}`);
      if (!ref) throw new GitHubError(404, 'Branch not found', { documentation });
      return { status: 200, body: branchJson(context, repository, ref) };
    },
  },
  {
    method: 'GET',
    pattern: '/repos/{owner}/{repo}/git/ref/{ref*}',
    auth: 'anyone',
    handle: async (context) => {
      const repository = accessRepository(context, 'contents', 'read', GET_REF);
      const ref = await exactRef(context, repository, `refs/${context.params.ref}`);
      if (!ref) throw new GitHubError(404, 'Not Found', { documentation: GET_REF });
      return { status: 200, body: refJson(context, repository, ref) };
    },
  },
  {
    method: 'POST',
    pattern: '/repos/{owner}/{repo}/git/refs',
    auth: 'anyone',
    handle: async (context) => {
      const repository = accessRepository(context, 'contents', 'write', CREATE_REF);
      const { ref, sha } = await context.body();
      const refuse = (message: string) => new GitHubError(422, message, { documentation: CREATE_REF });
      if (typeof ref !== 'string' || !/^refs\/[^/]+\/./.test(ref) || !isRefName(ref))
        throw refuse('Reference name must start with refs/ and contain at least two slashes.');
      const { git } = context.state;
      if (
        typeof sha !== 'string' ||
        !/^[\da-f]{40}$/.test(sha) ||
        !(await objectExists(git, repository.id, sha))
      )
        throw refuse('Object does not exist');
      if (!(await createRef(git, repository.id, ref, sha))) throw refuse('Reference already exists');
      const made = await exactRef(context, repository, ref);
      return {
        status: 201,
        body: refJson(context, repository, made ?? { ref, sha, type: 'commit' }),
      };
    },
  },
];
