import type { Table } from '../aws/cloud.ts';
import type { AppRegistrations } from './app-registration.ts';
import type { AppStore } from './app-store.ts';
import type { Directory } from './directory.ts';
import type { GitHubFaults } from './faults.ts';
import type { Git } from './git/git.ts';
import type { InstallationTokens } from './installation-tokens.ts';
import type { IssueStore } from './issue-store.ts';
import type { LfsLocks } from './lfs/locks.ts';
import type { ObjectStore } from './object-store.ts';
import type { OwnerActions } from './owner-actions.ts';
import type { ReleaseStore } from './release-store.ts';
import type { Dispatch } from './rest/dispatch-routes.ts';
import type { SignedUrls } from './signed-urls.ts';

/**
 * Which GitHub this one stands in for. `local`: none of them, with everything at one origin and pages as on github.com.
 */
export type GitHubHost = 'local' | 'github.com' | 'ghes' | 'ghe.com';

/** All that the routes of the local GitHub work on. */
export interface GitHubState {
  readonly host: GitHubHost;
  /** Where the pages of Apps are: `/apps`, and on GitHub Enterprise Server `/github-apps`. */
  readonly appsPath: string;
  readonly apps: AppStore;
  readonly registrations: AppRegistrations;
  /** What people do on the pages. */
  readonly owner: OwnerActions;
  readonly directory: Directory;
  readonly tokens: InstallationTokens;
  readonly git: Git;
  /** The objects of Git LFS. */
  readonly lfsObjects: ObjectStore;
  readonly lfsLocks: LfsLocks;
  readonly signedUrls: SignedUrls;
  readonly issues: IssueStore;
  readonly releases: ReleaseStore;
  /** The files of releases. */
  readonly assets: ObjectStore;
  /** Events that would start workflows, in the order that they came. */
  readonly dispatches: Table<Dispatch>;
  readonly faults: () => GitHubFaults;
}
