import type { Repository } from '../directory.ts';
import { type Commit, listCommits, readCommit } from '../git/history.ts';
import { type Ref, readBlob, type TreeEntry } from '../git/repository-content.ts';
import { commitJson } from '../rest/commit-json.ts';
import { refJson } from '../rest/ref-json.ts';
import type { RestContext } from '../rest/route.ts';
import { connection, type PageArguments } from './connection.ts';
import { repositoryView } from './repository-view.ts';

const objectFields = (context: RestContext, repository: Repository, oid: string, kind: string) => ({
  id: `${kind}_${Buffer.from(`${repository.id}:${oid}`).toString('base64url')}`,
  oid,
  abbreviatedOid: oid.slice(0, 7),
  repository: () => repositoryView(context, repository),
});

const viewOf = (context: RestContext, repository: Repository, commit: Commit): object => {
  const { git } = context.state;
  const { commit: json, html_url: url } = commitJson(context, repository, commit);
  const [headline = '', ...rest] = commit.message.split('\n');
  const person = (of: typeof json.author) => ({ ...of, user: null });
  return {
    __typename: 'Commit',
    ...objectFields(context, repository, commit.sha, 'C'),
    url,
    message: commit.message,
    messageHeadline: headline,
    messageBody: rest.join('\n').trim(),
    authoredDate: json.author.date,
    committedDate: json.committer.date,
    author: person(json.author),
    committer: person(json.committer),
    authors: (args: PageArguments) => connection('authors', args, [json.author], person),
    statusCheckRollup: null,
    parents: async (args: PageArguments) => {
      const parents = await Promise.all(commit.parents.map((sha) => readCommit(git, repository.id, sha)));
      const found = parents.filter((parent) => parent !== undefined);
      return connection('parents', args, found, (parent) => viewOf(context, repository, parent));
    },
    history: async (args: PageArguments & { readonly path?: string | null }) => {
      const path = args.path ? { path: args.path } : {};
      const all = await listCommits(git, repository.id, { from: [commit.sha], ...path });
      return connection('history', args, all, (entry) => viewOf(context, repository, entry));
    },
  };
};

/** A commit that is there. */
export const commitView = async (context: RestContext, repository: Repository, sha: string) => {
  const commit = await readCommit(context.state.git, repository.id, sha);
  return commit ? viewOf(context, repository, commit) : null;
};

export const blobView = async (context: RestContext, repository: Repository, entry: TreeEntry) => {
  const content = await readBlob(context.state.git, repository.id, entry.sha);
  const isBinary = content.includes(0);
  return {
    __typename: 'Blob',
    ...objectFields(context, repository, entry.sha, 'B'),
    byteSize: content.length,
    isBinary,
    text: isBinary ? null : content.toString('utf8'),
  };
};

export const refView = (context: RestContext, repository: Repository, ref: Ref) => {
  const [, prefix = 'refs/', name = ref.ref] = /^(refs\/[^/]+\/)(.+)$/.exec(ref.ref) ?? [];
  return {
    __typename: 'Ref',
    id: refJson(context, repository, ref).node_id,
    name,
    prefix,
    target: () => commitView(context, repository, ref.sha),
    repository: () => repositoryView(context, repository),
    branchProtectionRule: null,
  };
};
