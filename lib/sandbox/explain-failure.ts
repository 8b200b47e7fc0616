import type { ErrorCode } from '../errors.ts';

/** Why something failed, in words for who runs the sandbox, and what to do about it. */
export interface Explanation {
  readonly code: string;
  readonly cause: string;
  readonly remedy: string;
}

export interface FailedWork {
  readonly code: string;
  /** The sandbox. */
  readonly id: string;
  /** Absent, or `*`: the one account of a profile that names none. */
  readonly owner?: string | undefined;
  /** What the refresher said to do, which knows the addresses on GitHub. */
  readonly remedy?: string | undefined;
}

interface Known {
  readonly cause: string;
  readonly remedy: string;
  /** Goes away by itself, or is tried again within minutes. */
  readonly passes?: true;
}

type About = (account: string, id: string) => Known;

const KNOWN: { readonly [code in ErrorCode]?: About } = {
  ErrGitHubInstallationSuspended: (account) => ({
    cause: `An owner of ${account}, or GitHub, suspended the App's installation; GitHub mints nothing for it, and its tokens are dead while that lasts.`,
    remedy: `An owner of ${account} unsuspends it: the account's settings, GitHub Apps, Configure.`,
  }),
  ErrGitHubInstallationMissing: (account) => ({
    cause: `The App is not, or no longer, installed on ${account}.`,
    remedy: `An owner of ${account} installs it (km github status has its page), with the repos of the profile.`,
  }),
  ErrGitHubInstallationMismatch: (account) => ({
    cause: `The stored installation belongs to another account than ${account}, which may have been renamed.`,
    remedy:
      'km configure github --discover stores what is there; name a renamed account anew in the profile, then km update.',
  }),
  ErrGitHubInstallationAmbiguous: (_account, id) => ({
    cause: "allowedRepos '*' means one account, and the App is installed on none or on several.",
    remedy: `Name the account in the profile, as my-org/*, then km update ${id} PROFILE.`,
  }),
  ErrGitHubRepoNotInInstallation: (account, id) => ({
    cause: `A repo of the profile does not exist, or ${account} did not give it to the App.`,
    remedy: `An owner of ${account} adds it to the installation; or correct the profile, then km update ${id} PROFILE.`,
  }),
  ErrGitHubPermissionNotGranted: (account, id) => ({
    cause: `The profile asks for more than ${account} grants the App.`,
    remedy: `km github permissions shows what the App needs; an owner of ${account} accepts it. Or ask for less, then km update ${id} PROFILE.`,
  }),
  ErrGitHubTooManyRepos: (account, id) => ({
    cause: `The profile names more repos of ${account} than one token takes.`,
    remedy: `Name fewer, or ${account}/*, then km update ${id} PROFILE.`,
  }),
  ErrGitHubRateLimited: (account) => ({
    cause: `GitHub's limit for the installation on ${account} is used up for now.`,
    remedy: 'None needed: it is retried when GitHub says so. Repeated, see the App’s limit on the dashboard.',
    passes: true,
  }),
  ErrGitHubUnavailable: () => ({
    cause: 'GitHub did not answer, or answered with an error of its own.',
    remedy:
      'None needed: it is retried about every two minutes, for longer than the old token lives. See https://www.githubstatus.com.',
    passes: true,
  }),
  ErrGitHubTokenNotAccepted: () => ({
    cause: 'GitHub did not accept its own fresh token in time; it was revoked, and the old one stays.',
    remedy: 'None needed: it is retried about every two minutes.',
    passes: true,
  }),
  ErrGitHubClockSkew: () => ({
    cause: 'GitHub refuses the times in the App’s JWT, also by its own clock.',
    remedy: 'Set the clock of your GitHub server (NTP). On github.com it passes by itself.',
    passes: true,
  }),
  ErrGitHubNotConfigured: () => ({
    cause: 'No GitHub App is stored: no sandbox gets a token.',
    remedy: 'km github makes one, km configure github stores one that is there.',
  }),
  ErrGitHubBadKey: () => ({
    cause: 'The stored private key of the App is no key: no sandbox gets a token.',
    remedy: 'km configure github --private-key-file app.pem',
  }),
  ErrGitHubKeyOfAnotherApp: () => ({
    cause:
      'GitHub rejects the App’s key: it was deleted there, or is of another App. No sandbox gets a token.',
    remedy:
      'Make a new key in the App’s settings, then km configure github --rotate-key --private-key-file app.pem',
  }),
  ErrSigningKeyUnusable: () => ({
    cause: 'The KMS key that signs for the App is disabled, deleted, or not for the refresher.',
    remedy: 'km doctor says which; km configure github --signer kms sets it up anew.',
  }),
  ErrGitHubBadHost: () => ({
    cause: 'The stored host is none of GitHub’s.',
    remedy: 'km configure github --hostname HOST',
  }),
  ErrGitHubUnexpectedAnswer: () => ({
    cause: 'GitHub, or a proxy in front of it, answered what km must not use.',
    remedy: 'km doctor asks it again; look at the host and at any proxy before it.',
  }),
  ErrParameterWriteFailed: () => ({
    cause: 'Parameter Store did not take the token; it was revoked, and the old one stays.',
    remedy: 'km doctor looks at the key and the parameter. A limit of AWS passes by itself.',
  }),
  ErrSandboxKeyUnknown: (_account, id) => ({
    cause: 'The key that encrypts the token is not there, or is to be deleted.',
    remedy: `km doctor ${id}; a key in its waiting time can be called back, else create the sandbox again.`,
  }),
  ErrSandboxNotFound: (_account, id) => ({
    cause:
      'The sandbox has no token parameter: it is paused, revoked or destroyed, so nothing is minted for it.',
    remedy: `km resume ${id} if it is to go on.`,
  }),
  ErrRefreshEventInvalid: (_account, id) => ({
    cause: 'What the schedule sent is no refresh event of this km.',
    remedy: `km doctor ${id}; create the sandbox again if its stack was changed by hand.`,
  }),
  ErrRevokeFailed: () => ({
    cause: 'A token could not be revoked: GitHub did not answer or still accepts it.',
    remedy:
      'Run the command again. It ends by itself within its hour; suspending the installation stops it now.',
  }),
  ErrAws: () => ({
    cause: 'AWS refused the refresher, or did not answer it.',
    remedy: 'km doctor finds what is missing; a limit of AWS passes by itself, and it is retried.',
  }),
  ErrInternal: () => ({
    cause: 'A fault of km itself.',
    remedy: 'Report the line above. It is retried.',
  }),
};

/** Explains a failure by its code, or `undefined` for a code that is not known here. */
export function explainFailure({ code, id, owner, remedy }: FailedWork): Explanation | undefined {
  const account = owner === undefined || owner === '*' ? 'the account' : owner;
  const known = Object.hasOwn(KNOWN, code) ? KNOWN[code as ErrorCode]?.(account, id) : undefined;
  if (known === undefined) return undefined;
  const told = remedy ?? known.remedy;
  const isDone = known.passes || told.includes(id) || code === 'ErrRevokeFailed';
  return {
    code,
    cause: known.cause,
    remedy: isDone ? told : `${told} Then km refresh ${id}, or wait for the next schedule.`,
  };
}
