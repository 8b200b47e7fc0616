import type { IncomingMessage } from 'node:http';
import { KmError } from '../../errors.ts';
import type { BranchOfRepo, GitHubLookups } from '../github-lookups.ts';
import type { TokenHolder } from './token-holder.ts';
import type { Upstream } from './upstream.ts';

const LONGEST_ANSWER = 4 * 1024 * 1024;
const LOOKUP_MS = 30_000;

export interface AskGitHubOptions {
  readonly upstream: Upstream;
  /** The REST base: `https://api.github.com`. */
  readonly api: string;
  readonly tokens: TokenHolder | undefined;
}

type Json = Readonly<Record<string, unknown>>;

const lookupFailed = (what: string, cause?: unknown): KmError =>
  new KmError('ErrProxyLookup', `GitHub did not tell ${what}.`, {
    remedy: 'Try again; `km doctor` tells whether GitHub and the token are well.',
    ...(cause === undefined ? {} : { cause }),
  });

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Json)[name] : undefined;

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const branchOf = (value: unknown): BranchOfRepo | undefined => {
  const ref = text(field(value, 'ref'));
  const repo = text(field(field(value, 'repo'), 'full_name'))?.toLowerCase();
  return ref === undefined ? undefined : { ref, ...(repo === undefined ? {} : { repo }) };
};

const wholeBody = async (answer: IncomingMessage): Promise<Json> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer) {
    length += (chunk as Buffer).length;
    if (length > LONGEST_ANSWER) throw new TypeError('longer than any such answer');
    chunks.push(chunk as Buffer);
  }
  const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  return typeof parsed === 'object' && parsed !== null ? (parsed as Json) : {};
};

/**
 * Asks GitHub's REST API with the sandbox's own token what a decision depends on.
 *
 * @see https://docs.github.com/en/rest/repos/repos#get-a-repository
 * @see https://docs.github.com/en/rest/commits/commits#compare-two-commits
 */
export const askGitHub = ({ upstream, api, tokens }: AskGitHubOptions): GitHubLookups => {
  const base = new URL(api);
  const prefix = base.pathname.replace(/\/$/, '');

  const get = async (path: string, owner: string | undefined): Promise<{ status: number; body: Json }> => {
    const token = owner === undefined ? undefined : await tokens?.token(owner);
    const request = upstream.open({
      method: 'GET',
      host: base.host,
      target: `${prefix}${path}`,
      headers: {
        accept: 'application/vnd.github+json',
        'accept-encoding': 'identity',
        'user-agent': 'km-proxy',
        'x-github-api-version': '2022-11-28',
        ...(token ? { authorization: `Bearer ${token.reveal()}` } : {}),
      },
    });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => request.destroy(new TypeError('no answer in time')), LOOKUP_MS);
      request.once('close', () => clearTimeout(timer));
      request.once('error', reject);
      request.once('response', (answer) => {
        const status = answer.statusCode ?? 0;
        if (status === 401 && owner !== undefined) tokens?.forget(owner);
        wholeBody(answer).then((body) => resolve({ status, body }), reject);
      });
      request.end();
    });
  };

  const found = async (path: string, repo: string, what: string): Promise<Json | undefined> => {
    const { status, body } = await get(path, repo.split('/')[0]).catch((error: unknown) => {
      throw lookupFailed(what, error);
    });
    if (status === 200) return body;
    if (status === 404 || status === 422) return undefined;
    throw lookupFailed(`${what} (HTTP ${status})`);
  };

  return {
    repositoryName: async (id) => {
      const owners: readonly (string | undefined)[] = tokens?.owners() ?? [undefined];
      for (const owner of owners) {
        const { status, body } = await get(`/repositories/${id}`, owner).catch((error: unknown) => {
          throw lookupFailed(`the name of repository ${id}`, error);
        });
        const name = status === 200 ? text(body.full_name) : undefined;
        if (name !== undefined) return name.toLowerCase();
      }
      return undefined;
    },
    defaultBranch: async (repo) => {
      const what = `the default branch of ${repo}`;
      const branch = text((await found(`/repos/${repo}`, repo, what))?.default_branch);
      if (branch === undefined) throw lookupFailed(what);
      return branch;
    },
    pullRequest: async (repo, number) => {
      const what = `pull request ${number} of ${repo}`;
      const body = await found(`/repos/${repo}/pulls/${number}`, repo, what);
      const [base, head] = [branchOf(body?.base), branchOf(body?.head)];
      if (base === undefined || head === undefined) throw lookupFailed(what);
      return { base, head };
    },
    releaseTag: async (repo, id) => {
      const what = `the tag of release ${id} of ${repo}`;
      return text((await found(`/repos/${repo}/releases/${id}`, repo, what))?.tag_name);
    },
    isAncestor: async (repo, ancestor, commit) => {
      // The first page alone lists the changed files, with all their patches.
      const path = `/repos/${repo}/compare/${ancestor}...${commit}?per_page=1&page=2`;
      const body = await found(
        path,
        repo,
        `whether ${commit.slice(0, 12)} descends from ${ancestor.slice(0, 12)}`,
      );
      const status = body?.status;
      const mergeBase = field(body?.merge_base_commit, 'sha');
      return (status === 'ahead' || status === 'identical') && mergeBase === ancestor;
    },
  };
};
