import type { ErrorCode } from '../errors.ts';

/**
 * Reasons that one owner's token cannot be minted, and that stay until somebody changes the installation or the profile.
 *
 * What is wrong with the App itself is not among them: it is the same for the whole fleet, and what mends it is to be
 * seen within minutes. Nor is anything that passes: limits, 5xx, the network, clocks.
 */
const PERMANENT: readonly ErrorCode[] = [
  'ErrGitHubInstallationSuspended',
  'ErrGitHubInstallationMissing',
  'ErrGitHubInstallationMismatch',
  'ErrGitHubInstallationAmbiguous',
  'ErrGitHubRepoNotInInstallation',
  'ErrGitHubPermissionNotGranted',
  'ErrGitHubTooManyRepos',
];

/** Whether asking GitHub again within the hour would only hear the same. */
export const isPermanent = (code: ErrorCode): boolean => PERMANENT.includes(code);
