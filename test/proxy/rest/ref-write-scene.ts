import type { GuardPolicy } from '../../../lib/guard/guard-policy.ts';
import type { GitHubLookups } from '../../../lib/proxy/github-lookups.ts';
import type { ProxyPolicy } from '../../../lib/proxy/proxy-policy.ts';
import { decideRefWrite } from '../../../lib/proxy/rest/decide-ref-write.ts';
import type { RefWrite } from '../../../lib/proxy/rest/ref-write.ts';

export const REPO = 'acme/app';
export const SHA = '1f'.repeat(20);
export const ZEROS = '0'.repeat(40);

/** A guard that lets through `feature/*`, `release/*` and tags `v*`, and no force and deletion. */
export const GUARD: GuardPolicy = {
  allowedRefs: ['feature/*', 'refs/heads/release/*', 'refs/tags/v*'],
  allowForcePushes: false,
  allowDeletions: false,
};

export const policyWith = (guard: GuardPolicy, allowedRepos: readonly string[] = [REPO]): ProxyPolicy => ({
  sandbox: 'sb-12345678',
  allowedRepos,
  permissions: { contents: 'write', pull_requests: 'write', actions: 'write', metadata: 'read' },
  guard,
  graphql: 'none',
  allowedHosts: [],
});

/** GitHub, as far as it is asked: default branch `main`, and the pull requests below. */
export const lookups: GitHubLookups = {
  repositoryName: async () => undefined,
  defaultBranch: async () => 'main',
  isAncestor: async () => false,
  releaseTag: async (_, id) => ({ 1: 'v1.0', 2: 'nightly', 4: '../heads/main' })[id],
  pullRequest: async (repo, number) => {
    const pulls: Record<number, Awaited<ReturnType<GitHubLookups['pullRequest']>>> = {
      1: { base: { repo, ref: 'release/1' }, head: { repo, ref: 'feature/a' } },
      2: { base: { repo, ref: 'main' }, head: { repo, ref: 'dev' } },
      3: { base: { repo, ref: 'release/1' }, head: { repo: 'mallory/app', ref: 'feature/a' } },
      4: { base: { repo, ref: 'release/1' }, head: { ref: 'feature/a' } },
      5: { base: { repo: 'acme/other', ref: 'release/1' }, head: { repo, ref: 'feature/a' } },
    };
    const pull = pulls[number];
    if (!pull) throw new TypeError('no such pull request');
    return pull;
  },
};

export interface Given {
  readonly guard?: GuardPolicy;
  readonly allowedRepos?: readonly string[];
  readonly lookups?: GitHubLookups;
}

/** Decides over a body, which is JSON unless it is text or bytes. */
export const decide = (write: RefWrite, body: unknown, given: Given = {}) =>
  decideRefWrite({
    policy: policyWith(given.guard ?? GUARD, given.allowedRepos),
    repo: REPO,
    write,
    body: Buffer.isBuffer(body)
      ? body
      : Buffer.from(typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body)),
    lookups: given.lookups ?? lookups,
  });

/** `allowed`, or rule and status of the refusal. */
export const verdict = async (...asked: Parameters<typeof decide>): Promise<string> => {
  const decision = await decide(...asked);
  return decision.allowed ? 'allowed' : `${decision.rule} ${decision.status}`;
};
