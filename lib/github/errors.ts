import { KmError } from '../errors.ts';
import type { Installation } from './installation.ts';

const listed = (items: readonly string[]): string =>
  items.length <= 10 ? items.join(', ') : `${items.slice(0, 10).join(', ')} and ${items.length - 10} more`;

/** Nothing, or not enough, is stored about the App. */
export const notConfigured = (missing: readonly string[]): KmError =>
  new KmError('ErrGitHubNotConfigured', 'GitHub App not configured', {
    remedy: `Run km configure github to store the App's client id and private key (missing: ${listed(missing)}).`,
  });

/** A private key cannot sign. Never carries the parser's error, which could quote the key. */
export const badKey = (reason: string, which = 'The stored private key of the GitHub App'): KmError =>
  new KmError('ErrGitHubBadKey', `${which} ${reason}`, {
    remedy:
      "Generate a private key in the App's settings on GitHub and store the whole PEM file with km configure github.",
  });

/** The code at the end of the manifest flow gives no App (any more). */
export const manifestCodeSpent = (): KmError =>
  new KmError(
    'ErrGitHubManifestCode',
    'GitHub gives no App for the code of its redirect: it was used already, or is older than an hour',
    {
      remedy:
        "Look for the App in its owner's settings on GitHub, and delete it there; then run km github again.",
    },
  );

/** GitHub does not take the JWT: the key and the client id are not of one App, or the key was deleted there. */
export const keyOfAnotherApp = (clientId: string, message: string): KmError =>
  new KmError(
    'ErrGitHubKeyOfAnotherApp',
    `GitHub does not accept the private key for the App with client id '${clientId}': ${message}`,
    {
      remedy:
        'Store the client id and a private key of the same App with km configure github; a key deleted on GitHub is of no App.',
    },
  );

/** GitHub refuses the JWT's times, also after correcting them by its own clock. */
export const clockSkew = (message: string): KmError =>
  new KmError('ErrGitHubClockSkew', `GitHub refuses the times in the App's JWT: ${message}`, {
    remedy:
      'Set the clock of the machine that signs the JWT (NTP), and of the GitHub server if it is your own.',
  });

/** The App is not installed on the owner's account. */
export const installationMissing = (owner: string): KmError =>
  new KmError('ErrGitHubInstallationMissing', `The GitHub App is not installed on '${owner}'`, {
    remedy: `Install the App on ${owner} and give it the repositories of the profile, or correct the owner in allowedRepos.`,
  });

/** The App is installed on no account at all. */
export const notInstalled = (): KmError =>
  new KmError('ErrGitHubInstallationMissing', 'The GitHub App is not installed on any account', {
    remedy: 'Install it from its page on GitHub, then run km configure github --discover.',
  });

/** The owner, or GitHub, has suspended the installation. */
export const installationSuspended = (owner: string, settingsUrl?: string): KmError =>
  new KmError('ErrGitHubInstallationSuspended', `The GitHub App's installation on '${owner}' is suspended`, {
    remedy: `Unsuspend it in the installation's settings${settingsUrl === undefined ? '' : `: ${settingsUrl}`}.`,
  });

/** An installation id belongs to another account than the owner that it should answer for. */
export const installationMismatch = (owner: string, installation: Installation): KmError =>
  new KmError(
    'ErrGitHubInstallationMismatch',
    `Installation ${installation.id} belongs to '${installation.account}', not to '${owner}'`,
    {
      remedy: `Store the installation of ${owner} again with km configure github; if the account was renamed, use its new name in allowedRepos.`,
    },
  );

/** `*` must mean one account, and does not. */
export const installationAmbiguous = (candidates: readonly string[]): KmError =>
  new KmError(
    'ErrGitHubInstallationAmbiguous',
    candidates.length === 0
      ? "allowedRepos '*' needs one installation of the GitHub App, and none is known"
      : `allowedRepos '*' needs exactly one installation of the GitHub App, and there are ${candidates.length}: ${listed(candidates)}`,
    {
      remedy:
        candidates.length === 0
          ? 'Install the App on an account.'
          : `Name the account instead: ${listed(candidates.map((account) => `${account}/*`))}.`,
    },
  );

/** Repositories that do not exist or that the installation was not given. */
export const repoNotInInstallation = (
  owner: string,
  repositories: readonly string[],
  settingsUrl?: string,
): KmError =>
  new KmError(
    'ErrGitHubRepoNotInInstallation',
    `The GitHub App's installation on '${owner}' does not reach ${listed(repositories.map((name) => `'${owner}/${name}'`))}`,
    {
      remedy: `Add ${repositories.length === 1 ? 'it' : 'them'} to the installation${settingsUrl === undefined ? '' : ` (${settingsUrl})`}, or correct allowedRepos.`,
    },
  );

/** Permissions that the installation was not granted, as `contents: write`. */
export const permissionNotGranted = (
  owner: string,
  permissions: readonly string[],
  settingsUrl?: string,
): KmError =>
  new KmError(
    'ErrGitHubPermissionNotGranted',
    `The GitHub App's installation on '${owner}' is not granted ${listed(permissions)}`,
    {
      remedy: `Give the App ${listed(permissions)} in its settings and have ${owner} accept it${settingsUrl === undefined ? '' : ` (${settingsUrl})`}, or ask for less in the profile.`,
    },
  );

/** More names than GitHub takes in one token. */
export const tooManyRepos = (owner: string, count: number, most: number): KmError =>
  new KmError(
    'ErrGitHubTooManyRepos',
    `${count} repositories of '${owner}' are named, and a token takes ${most} at most`,
    { remedy: `Name at most ${most} repositories of ${owner}, or use ${owner}/*.` },
  );

/** GitHub asks to wait longer than the caller can. */
export const rateLimited = (waitMs: number): KmError =>
  new KmError('ErrGitHubRateLimited', `GitHub's rate limit holds for another ${Math.ceil(waitMs / 1000)} s`, {
    remedy: 'Wait that long and try again; the refresh is retried by itself.',
    waitMs,
  });

/** GitHub cannot be reached, or answers with 5xx. */
export const unavailable = (what: string, cause?: unknown, waitMs?: number): KmError =>
  new KmError('ErrGitHubUnavailable', `GitHub is not available: ${what}`, {
    cause,
    ...(waitMs === undefined ? {} : { waitMs }),
    remedy: 'Try again later; see https://www.githubstatus.com, or the status of your own GitHub server.',
  });

/** GitHub does not take a fresh token within the time given. */
export const tokenNotAccepted = (owner: string, message: string): KmError =>
  new KmError(
    'ErrGitHubTokenNotAccepted',
    `GitHub does not accept the fresh token for '${owner}': ${message}`,
    {
      remedy: 'Try again; the token was revoked and not published.',
    },
  );

/** GitHub still accepts a token that was revoked. */
export const tokenStillAlive = (owner: string): KmError =>
  new KmError('ErrRevokeFailed', `GitHub still accepts the revoked token of '${owner}'`, {
    remedy:
      'Try again; a token that is left expires within the hour. Suspend the installation to stop it now.',
  });

/** GitHub did not refuse a write to a token that may only read. */
export const writeNotRefused = (repo: string, answer: string): KmError =>
  new KmError(
    'ErrGitHubWriteNotRefused',
    `GitHub did not refuse a write to '${repo}' by a token with contents: read; it answered ${answer}`,
    {
      remedy:
        'Stop the sandboxes that may only read, and report it to GitHub, or to whoever runs the proxy in front of it.',
    },
  );

/** An answer that GitHub's documentation does not allow, or one that widens what was asked for. */
export const unexpectedAnswer = (what: string): KmError =>
  new KmError('ErrGitHubUnexpectedAnswer', `GitHub answered what km cannot use: ${what}`, {
    remedy: 'Check the host in km configure github, and any proxy in front of it.',
  });

/** A host that is not github.com, a GitHub Enterprise Server, or a `*.ghe.com` host. */
export const badHost = (host: string, reason: string): KmError =>
  new KmError('ErrGitHubBadHost', `'${host}' ${reason}`, {
    remedy: 'Give a host such as github.com, github.example.com or example.ghe.com, without scheme or path.',
  });
