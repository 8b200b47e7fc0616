import type { GuardPolicy } from '../guard/guard-policy.ts';
import type { ENCRYPTIONS, SUBSTRATES } from './profile-schema.ts';
import type { OwnerScope } from './repo-list.ts';
import type { TokenPermissions, Verb } from './token-permissions.ts';

/** What a sandbox may do on GitHub. */
export interface GitHubPlan {
  /** Each once, in the order of `VERBS`. */
  readonly verbs: readonly Verb[];
  /** What every owner's token is minted with. */
  readonly permissions: TokenPermissions;
  /** `owner/repo`, `owner/*` or `*`, in lower case, each once, in the profile's order. */
  readonly allowedRepos: readonly string[];
  /** One token each, in the order of their first mention; none when `allowedRepos` holds `*`. */
  readonly owners: readonly OwnerScope[];
  readonly guard: GuardPolicy;
  /** What the egress proxy lets through of GitHub's GraphQL: nothing, or queries about allowed repos. */
  readonly graphql: 'none' | 'read';
}

/** Everything that a profile says about a sandbox, with the defaults filled in. */
export interface SandboxPlan {
  readonly name: string;
  /** What the sandbox id begins with. */
  readonly prefix: string;
  readonly labels: Readonly<Record<string, string>>;
  /** 0: until it is destroyed. */
  readonly ttlSeconds: number;
  readonly substrate: (typeof SUBSTRATES)[number];
  /** Whether a key of its own or the platform's shared one encrypts its tokens. */
  readonly encryption: (typeof ENCRYPTIONS)[number];
  /** Hosts in lower case, each once; `*.example.com` stands for every host below it. */
  readonly allowedHosts: readonly string[];
  /** What is valid and yet most likely not meant; parsing says the same, with the places. */
  readonly warnings: readonly string[];
  /** Absent with `mode: none`: no token at all. */
  readonly github?: GitHubPlan;
}
