import type { RequestFacts } from '../decision.ts';
import type { GitHubSurfaces } from '../hosts/github-surfaces.ts';

/**
 * A request for `/repositories/{id}{rest}` as the same request for `/repos/{name}{rest}`, to be decided again once the
 * name is known. `name` is `owner/name`.
 */
export const nameRepository = (
  surfaces: GitHubSurfaces,
  facts: RequestFacts,
  { name, rest }: { readonly name: string; readonly rest: string },
): RequestFacts => {
  const [path = ''] = facts.target.split('?', 1);
  const within = surfaces.match(facts.host, path)?.path ?? path;
  const prefix = path.slice(0, path.length - within.length);
  return { ...facts, target: `${prefix}/repos/${name}${rest}` };
};
