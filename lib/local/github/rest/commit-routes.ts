import type { Repository } from '../directory.ts';
import { changedFiles, diffOf, listCommits, mergeBase, readCommit } from '../git/history.ts';
import { defaultBranch } from '../git/move-refs.ts';
import { isTreePath, resolveCommit } from '../git/repository-content.ts';
import { GitHubError } from '../github-error.ts';
import { commitJson, fileJson } from './commit-json.ts';
import { paginate } from './paging.ts';
import { accessRepository } from './repository-access.ts';
import type { Reply, RestContext, Route } from './route.ts';

const LIST = 'https://docs.github.com/rest/commits/commits#list-commits';
const GET = 'https://docs.github.com/rest/commits/commits#get-a-commit';
const COMPARE = 'https://docs.github.com/rest/commits/commits#compare-two-commits';
const MOST_COMMITS = 250;
const MOST_FILES = 300;

/** Whether a media type of the name, such as `diff` or `sha`, is asked for. */
export const accepts = ({ headers }: RestContext, type: string): boolean =>
  new RegExp(`application/vnd\\.github\\.(?:v3\\.)?${type}\\b`).test(String(headers.accept ?? ''));

const textReply = (type: string, bytes: Buffer): Reply => ({
  status: 200,
  content: { type: `application/vnd.github.v3.${type}; charset=utf-8`, bytes },
});

/** The commit that a text names: also by `refs/heads/…`, `heads/…`, or the first digits of its id. */
export const commitOf = async (
  { state: { git } }: Pick<RestContext, 'state'>,
  repository: Repository,
  text: string,
): Promise<string | undefined> => {
  if (text === 'HEAD') return resolveCommit(git, repository.id, defaultBranch(git, repository.id));
  const found = await resolveCommit(git, repository.id, text);
  if (found !== undefined) return found;
  const short = text.replace(/^(?:refs\/)?(?:heads|tags)\//, '');
  if (short !== text) return resolveCommit(git, repository.id, short);
  if (!/^[\da-f]{7,39}$/.test(text)) return undefined;
  const { code, stdout } = await git.run(repository.id, [
    'rev-parse',
    '--verify',
    '--quiet',
    `${text}^{commit}`,
  ]);
  return code === 0 ? stdout.toString('utf8').trim() : undefined;
};

const list = async (context: RestContext): Promise<Reply> => {
  const repository = accessRepository(context, 'contents', 'read', LIST);
  const { query, state } = context;
  const named = query.get('sha') ?? defaultBranch(state.git, repository.id);
  const path = query.get('path') ?? undefined;
  if (path !== undefined && !isTreePath(path)) return { status: 200, body: [] };
  const sha = await commitOf(context, repository, named);
  if (sha === undefined) throw new GitHubError(404, 'Not Found', { documentation: LIST });
  const commits = await listCommits(state.git, repository.id, {
    from: [sha],
    ...(path === undefined ? {} : { path }),
  });
  const { items, headers } = paginate(context, commits);
  return { status: 200, headers, body: items.map((commit) => commitJson(context, repository, commit)) };
};

const get = async (context: RestContext): Promise<Reply> => {
  const repository = accessRepository(context, 'contents', 'read', GET);
  const { git } = context.state;
  const named = context.params.ref ?? '';
  const sha = await commitOf(context, repository, named);
  const commit = sha && (await readCommit(git, repository.id, sha));
  if (!sha || !commit)
    throw new GitHubError(422, `No commit found for SHA: ${named}`, { documentation: GET });
  if (accepts(context, 'sha')) return textReply('sha', Buffer.from(sha));
  if (accepts(context, 'diff'))
    return textReply('diff', await diffOf(git, repository.id, commit.parents[0], sha));
  const files = await changedFiles(git, repository.id, commit.parents[0], sha);
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  return {
    status: 200,
    body: {
      ...commitJson(context, repository, commit),
      stats: { total: additions + deletions, additions, deletions },
      files: files.slice(0, MOST_FILES).map((file) => fileJson(context, repository, sha, file)),
    },
  };
};

/** `ref`, `owner:ref` or `owner:repo:ref`; undefined for one of a repository that is not this one: nothing is a fork. */
const refWithin = (text: string, { owner, name }: Repository): string | undefined => {
  const parts = text.split(':');
  const ref = parts.pop();
  const [namedOwner = owner, namedName = name] = parts;
  const same =
    namedOwner.toLowerCase() === owner.toLowerCase() && namedName.toLowerCase() === name.toLowerCase();
  return same && parts.length <= 2 ? ref : undefined;
};

const statusOf = (ahead: number, behind: number): string => {
  if (ahead > 0) return behind > 0 ? 'diverged' : 'ahead';
  return behind > 0 ? 'behind' : 'identical';
};

const compare = async (context: RestContext): Promise<Reply> => {
  const repository = accessRepository(context, 'contents', 'read', COMPARE);
  const { git } = context.state;
  const refused = () => new GitHubError(404, 'Not Found', { documentation: COMPARE });
  const [, from = '', to = ''] = /^(.+?)\.\.\.(.+)$/.exec(context.params.basehead ?? '') ?? [];
  const [base, head] = await Promise.all(
    [from, to].map(async (text) => {
      const ref = refWithin(text, repository);
      return ref === undefined || ref === '' ? undefined : commitOf(context, repository, ref);
    }),
  );
  if (!base || !head) throw refused();
  const common = await mergeBase(git, repository.id, base, head);
  if (common === undefined)
    throw new GitHubError(404, `No common ancestor between ${from} and ${to}.`, { documentation: COMPARE });
  if (accepts(context, 'diff')) return textReply('diff', await diffOf(git, repository.id, common, head));
  const [baseCommit, commonCommit, ahead, behind, files] = await Promise.all([
    readCommit(git, repository.id, base),
    readCommit(git, repository.id, common),
    listCommits(git, repository.id, { from: [head, `^${base}`], oldestFirst: true }),
    listCommits(git, repository.id, { from: [base, `^${head}`] }),
    changedFiles(git, repository.id, common, head),
  ]);
  if (!baseCommit || !commonCommit) throw refused();
  const { items, headers } = paginate(context, ahead);
  const shown =
    context.query.has('page') || context.query.has('per_page') ? items : ahead.slice(0, MOST_COMMITS);
  const { owner, name } = repository;
  return {
    status: 200,
    headers,
    body: {
      url: `${context.apiUrl}/repos/${owner}/${name}/compare/${from}...${to}`,
      html_url: `${context.url}/${owner}/${name}/compare/${from}...${to}`,
      base_commit: commitJson(context, repository, baseCommit),
      merge_base_commit: commitJson(context, repository, commonCommit),
      status: statusOf(ahead.length, behind.length),
      ahead_by: ahead.length,
      behind_by: behind.length,
      total_commits: ahead.length,
      commits: shown.map((commit) => commitJson(context, repository, commit)),
      files: files.slice(0, MOST_FILES).map((file) => fileJson(context, repository, head, file)),
    },
  };
};

/** The history of a repository: commits, and what lies between two of them. */
export const commitRoutes: readonly Route[] = [
  { method: 'GET', pattern: '/repos/{owner}/{repo}/commits', auth: 'anyone', handle: list },
  { method: 'GET', pattern: '/repos/{owner}/{repo}/commits/{ref*}', auth: 'anyone', handle: get },
  { method: 'GET', pattern: '/repos/{owner}/{repo}/compare/{basehead*}', auth: 'anyone', handle: compare },
];
