import type { AppStore } from './app-store.ts';
import type { Directory } from './directory.ts';
import type { GitHubFaults } from './faults.ts';
import type { Git } from './git/git.ts';
import type { InstallationTokens } from './installation-tokens.ts';

/** All that the routes of the local GitHub work on. */
export interface GitHubState {
  readonly apps: AppStore;
  readonly directory: Directory;
  readonly tokens: InstallationTokens;
  readonly git: Git;
  readonly faults: () => GitHubFaults;
}
