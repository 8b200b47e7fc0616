import type { Repository } from '../directory.ts';
import { isRefName, listRefs, type Ref } from '../git/repository-content.ts';
import type { RestContext } from './route.ts';

const repositoryUrl = (context: RestContext, { owner, name }: Repository) =>
  `${context.apiUrl}/repos/${owner}/${name}`;

/** @see https://docs.github.com/en/rest/git/refs#get-a-reference */
export const refJson = (context: RestContext, repository: Repository, { ref, sha, type }: Ref) => ({
  ref,
  node_id: `REF_${Buffer.from(`${repository.id}:${ref}`).toString('base64url')}`,
  url: `${repositoryUrl(context, repository)}/git/${ref}`,
  object: { sha, type, url: `${repositoryUrl(context, repository)}/git/${type}s/${sha}` },
});

/** @see https://docs.github.com/en/rest/branches/branches#get-a-branch */
export const branchJson = (context: RestContext, repository: Repository, { ref, sha }: Ref) => ({
  name: ref.replace('refs/heads/', ''),
  commit: { sha, url: `${repositoryUrl(context, repository)}/commits/${sha}` },
  protected: false,
});

/** One ref by its full name; a folder of refs is none. */
export const exactRef = async (
  context: Pick<RestContext, 'state'>,
  repository: Repository,
  ref: string,
): Promise<Ref | undefined> => {
  if (!isRefName(ref)) return undefined;
  const found = await listRefs(context.state.git, repository.id, ref);
  return found.find((entry) => entry.ref === ref);
};
