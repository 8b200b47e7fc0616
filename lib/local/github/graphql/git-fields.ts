import type { Repository } from '../directory.ts';
import { defaultBranch } from '../git/move-refs.ts';
import { isTreePath, listPath, listRefs } from '../git/repository-content.ts';
import { commitOf } from '../rest/commit-routes.ts';
import { exactRef } from '../rest/ref-json.ts';
import type { RestContext } from '../rest/route.ts';
import { connection, type PageArguments } from './connection.ts';
import { demand } from './demand.ts';
import { blobView, commitView, refView } from './git-views.ts';
import { releaseView } from './release-view.ts';

/** What git holds of a repository, and its releases. */
export const gitFields = (context: RestContext, repository: Repository) => {
  const { git, releases } = context.state;
  const ref = async (name: string) => {
    const found = await exactRef(context, repository, name);
    return found ? refView(context, repository, found) : null;
  };
  const published = () => releases.list(repository.id).filter(({ draft }) => !draft);
  return {
    defaultBranchRef: () => {
      demand(context, 'contents', 'read');
      return ref(`refs/heads/${defaultBranch(git, repository.id)}`);
    },
    ref: ({ qualifiedName }: { qualifiedName: string }) => {
      demand(context, 'contents', 'read');
      return ref(qualifiedName.startsWith('refs/') ? qualifiedName : `refs/heads/${qualifiedName}`);
    },
    refs: async (args: PageArguments & { readonly refPrefix: string }) => {
      demand(context, 'contents', 'read');
      const all = (await listRefs(git, repository.id, 'refs/')).filter((entry) =>
        entry.ref.startsWith(args.refPrefix),
      );
      return connection('refs', args, all, (entry) => refView(context, repository, entry));
    },
    object: async (args: { readonly oid?: string | null; readonly expression?: string | null }) => {
      demand(context, 'contents', 'read');
      const [, named = '', path] = /^([^:]+)(?::(.*))?$/s.exec(args.oid ?? args.expression ?? '') ?? [];
      const commit = await commitOf(context, repository, named);
      if (commit === undefined) return null;
      if (path === undefined) return commitView(context, repository, commit);
      const found = isTreePath(path) ? await listPath(git, repository.id, commit, path) : undefined;
      return found?.kind === 'file' ? blobView(context, repository, found.entry) : null;
    },
    release: ({ tagName }: { tagName: string }) => {
      demand(context, 'contents', 'read');
      const found = releases.byTag(repository.id, tagName);
      return found ? releaseView(context, repository, found) : null;
    },
    latestRelease: () => {
      demand(context, 'contents', 'read');
      const found = releases.latest(repository.id);
      return found ? releaseView(context, repository, found) : null;
    },
    releases: (args: PageArguments) => {
      demand(context, 'contents', 'read');
      return connection('releases', args, published(), (release) =>
        releaseView(context, repository, release),
      );
    },
  };
};
