/**
 * The one catalogue of errors. A code is stable: scripts and `--json` readers may match on it.
 *
 * Fault says who can mend it, and with that the exit code: `user` 1, `usage` 2, `km` 70.
 */
export const ERROR_FAULTS = {
  // usage
  ErrUsage: 'usage',
  // the user said no
  ErrDeclined: 'user',
  // profile
  ErrProfileInvalid: 'user',
  ErrProfileUnreadable: 'user',
  // ref guard
  ErrGuardPolicyInvalid: 'user',
  // GitHub App protocol
  ErrGitHubNotConfigured: 'user',
  ErrGitHubBadKey: 'user',
  ErrGitHubKeyOfAnotherApp: 'user',
  ErrGitHubInstallationMissing: 'user',
  ErrGitHubInstallationSuspended: 'user',
  ErrGitHubInstallationMismatch: 'user',
  ErrGitHubInstallationAmbiguous: 'user',
  ErrGitHubRepoNotInInstallation: 'user',
  ErrGitHubPermissionNotGranted: 'user',
  ErrGitHubTooManyRepos: 'user',
  ErrGitHubRateLimited: 'user',
  ErrGitHubUnavailable: 'user',
  ErrGitHubTokenNotAccepted: 'user',
  ErrGitHubBadHost: 'user',
  ErrGitHubClockSkew: 'user',
  ErrGitHubUnexpectedAnswer: 'user',
  ErrGitHubManifestCode: 'user',
  ErrGitHubWriteNotRefused: 'user',
  // the App's configuration
  ErrAppConfigExists: 'user',
  ErrAppConfigInvalid: 'user',
  ErrAppConfigWriteFailed: 'user',
  ErrSetupPage: 'user',
  ErrSetupRecovery: 'user',
  ErrSigningKeyUnusable: 'user',
  // broker
  ErrRefreshEventInvalid: 'user',
  ErrRefreshFailed: 'user',
  ErrRevokeFailed: 'user',
  ErrParameterWriteFailed: 'user',
  ErrSandboxKeyUnknown: 'user',
  // sandbox
  ErrSandboxNotFound: 'user',
  ErrSandboxBusy: 'user',
  ErrSandboxExists: 'user',
  ErrSandboxFailed: 'user',
  ErrSandboxNotAssumable: 'user',
  ErrSandboxPaused: 'user',
  ErrSandboxUnchangeable: 'user',
  ErrTokenUnreadable: 'user',
  ErrPlatformMissing: 'user',
  ErrPlatformUpdateFailed: 'user',
  // egress proxy
  ErrProxyPolicyInvalid: 'user',
  ErrProxyListen: 'user',
  ErrProxyLookup: 'user',
  ErrProxyAudit: 'user',
  ErrProxyLogMissing: 'user',
  // AWS and the local cloud
  ErrAws: 'user',
  ErrLocalCloud: 'user',
  // this machine
  ErrFile: 'user',
  // km itself
  ErrInternal: 'km',
} as const satisfies Record<string, Fault>;

export type Fault = 'user' | 'usage' | 'km';
export type ErrorCode = keyof typeof ERROR_FAULTS;

export interface KmErrorOptions {
  /** The error underneath, kept for `--verbose`. Never put a secret into it. */
  readonly cause?: unknown;
  /** What to do about it, as a sentence or a command to paste. */
  readonly remedy?: string;
  /** How long whoever was asked wants to be left alone, in milliseconds. */
  readonly waitMs?: number;
}

/** Whether an error is one of km's, also one of another bundle of km, whose class is not this one. */
export const isKmError = (error: unknown): error is KmError =>
  error instanceof KmError ||
  (error instanceof Error &&
    error.name === 'KmError' &&
    Object.hasOwn(ERROR_FAULTS, String((error as { readonly code?: unknown }).code)));

/** Every error that km throws on purpose: a stable code, whose fault it is, and the remedy. */
export class KmError extends Error {
  override readonly name: string = 'KmError';
  readonly code: ErrorCode;
  readonly remedy: string | undefined;
  readonly waitMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: KmErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.remedy = options.remedy;
    this.waitMs = options.waitMs;
  }

  get fault(): Fault {
    return ERROR_FAULTS[this.code];
  }
}
