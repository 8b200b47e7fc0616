import { gitHubHost } from '../github/hosts.ts';
import type { GitHubTransport } from '../github/request.ts';
import type { SandboxContext } from '../sandbox/context.ts';

/** What the app room works with: AWS, and GitHub as this machine reaches it. */
export interface AppContext {
  readonly cloud: SandboxContext;
  /** The world to ask GitHub in; its REST base comes from the host. */
  readonly github: Omit<GitHubTransport, 'apiUrl'>;
  /** `KM_GITHUB_API_URL` and `KM_GITHUB_URL`: override what follows from the host. */
  readonly apiUrl?: string;
  readonly webUrl?: string;
}

export interface GitHubPlaces {
  /** Lower case, as it is stored. */
  readonly host: string;
  readonly transport: GitHubTransport;
  /** Base of GitHub's pages, without a slash at its end: `https://github.com`. */
  readonly webUrl: string;
}

/** Where a host's REST API and pages are. Throws `ErrGitHubBadHost`. */
export function gitHubPlaces(context: AppContext, host: string | undefined): GitHubPlaces {
  const named = gitHubHost({
    ...(host === undefined ? {} : { host }),
    ...(context.apiUrl === undefined ? {} : { apiUrl: context.apiUrl }),
  });
  const webUrl = context.webUrl ? gitHubHost({ apiUrl: context.webUrl }).apiUrl : `https://${named.host}`;
  return { host: named.host, transport: { ...context.github, apiUrl: named.apiUrl }, webUrl };
}

/** How long one command asks GitHub for at most, in milliseconds: 130 installations and more, over slow pages. */
const PATIENCE_MS = 60_000;

/** Until when GitHub is asked, by the context's own clock. */
export const gitHubDeadline = (context: AppContext): number => context.github.now() + PATIENCE_MS;
