import type { Repository } from '../directory.ts';
import type { ChangedFile, Commit } from '../git/history.ts';
import type { RestContext } from './route.ts';

type Links = Pick<RestContext, 'apiUrl' | 'url'>;

const inUtc = (date: string): string => new Date(date).toISOString().replace(/\.\d+Z$/, 'Z');

/** @see https://docs.github.com/en/rest/commits/commits#get-a-commit */
export const commitJson = ({ apiUrl, url }: Links, { owner, name }: Repository, commit: Commit) => {
  const api = `${apiUrl}/repos/${owner}/${name}`;
  const page = `${url}/${owner}/${name}`;
  const { sha, tree, message } = commit;
  return {
    sha,
    node_id: `C_${Buffer.from(sha).toString('base64url')}`,
    commit: {
      author: { ...commit.author, date: inUtc(commit.author.date) },
      committer: { ...commit.committer, date: inUtc(commit.committer.date) },
      message,
      tree: { sha: tree, url: `${api}/git/trees/${tree}` },
      url: `${api}/git/commits/${sha}`,
      comment_count: 0,
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null },
    },
    url: `${api}/commits/${sha}`,
    html_url: `${page}/commit/${sha}`,
    author: null,
    committer: null,
    parents: commit.parents.map((parent) => ({
      sha: parent,
      url: `${api}/commits/${parent}`,
      html_url: `${page}/commit/${parent}`,
    })),
  };
};

/** A file of a commit, a comparison or a pull request; without its patch. */
export const fileJson = (
  { apiUrl, url }: Links,
  { owner, name }: Repository,
  commit: string,
  file: ChangedFile,
) => {
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${url}/${owner}/${name}/blob/${commit}/${path}`,
    raw_url: `${url}/${owner}/${name}/raw/${commit}/${path}`,
    contents_url: `${apiUrl}/repos/${owner}/${name}/contents/${path}?ref=${commit}`,
  };
};
