import { KmError } from '../errors.ts';
import type { SandboxContext } from '../sandbox/context.ts';
import { invokeRefresher } from '../sandbox/invoke-refresher.ts';

/** Something that the refresher found wrong; `code` is one of km's error codes. */
export interface AppProblem {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
}

export interface InspectedKey {
  readonly ok: boolean;
  readonly problem?: AppProblem;
  /** `rsa`, `ec`, … */
  readonly type?: string;
  readonly bits?: number;
  /** As GitHub shows it: `SHA256:` and the digest of the DER public key in base64. */
  readonly fingerprint?: string;
  /** ISO 8601. */
  readonly stored_at?: string;
  readonly kms_key_id?: string;
}

export interface InspectedInstallation {
  readonly id: number;
  readonly account: string;
  /** `User` or `Organization`. */
  readonly type: string;
  readonly repository_selection: 'all' | 'selected';
  readonly permissions: Readonly<Record<string, string>>;
  readonly suspended: boolean;
  readonly html_url?: string;
}

export interface AppOnGitHub {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly owner: string;
  readonly client_id?: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly html_url: string;
  readonly public?: boolean;
}

/** The refresher's answer to `inspect`: what is stored, and what GitHub says about it. */
export interface AppInspection {
  readonly configured: boolean;
  /** Names of the parameters that are missing. */
  readonly missing: readonly string[];
  readonly host: string;
  readonly signer: 'parameter' | 'kms';
  readonly client_id?: string;
  readonly key?: InspectedKey;
  /** GitHub's clock less the refresher's, in milliseconds. */
  readonly clock_skew_ms?: number;
  readonly jwt?: { readonly ok: boolean; readonly problem?: AppProblem };
  readonly app?: AppOnGitHub;
  readonly installations?: readonly InspectedInstallation[];
  readonly stored_installations: readonly { readonly owner: string; readonly id: number }[];
  readonly legacy_installation_id?: number;
  readonly rate_limit?: readonly {
    readonly account: string;
    readonly limit: number;
    readonly remaining: number;
    readonly reset: number | string;
  }[];
  readonly problems: readonly AppProblem[];
}

/** The refresher's answer to `prove` and `probe`: what it did with a token, step by step. */
export interface AppProof {
  readonly ok: boolean;
  readonly owner: string;
  readonly installation_id: number;
  readonly steps: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
  readonly problem?: AppProblem;
}

/**
 * Has the refresher, which alone can read the App's key, look at the App: what is stored, whether GitHub takes its JWT,
 * and its installations. `candidate` looks at the key that is to take its place.
 *
 * Throws `ErrPlatformMissing`, also for a platform older than this km, and what the refresher itself fails with.
 */
export const inspectApp = (
  context: SandboxContext,
  options: { readonly candidate?: boolean } = {},
): Promise<AppInspection> =>
  ask<AppInspection>(context, { action: 'inspect', ...(options.candidate ? { candidate: true } : {}) });

/**
 * Has the refresher mint a token that can only read metadata, use it, revoke it and see that it is dead.
 * For one account, or for the first that is installed. Throws as {@link inspectApp}.
 */
export const proveApp = (
  context: SandboxContext,
  options: { readonly candidate?: boolean; readonly owner?: string } = {},
): Promise<AppProof> =>
  ask<AppProof>(context, {
    action: 'prove',
    ...(options.candidate ? { candidate: true } : {}),
    ...(options.owner === undefined ? {} : { owner: options.owner }),
  });

/**
 * Has the refresher mint a token that can only read one repository, read with it, try a write that must be refused,
 * revoke it and see that it is dead. `repo` is `owner/name`. Throws as {@link inspectApp}.
 */
export const probeRepo = (context: SandboxContext, repo: string): Promise<AppProof> =>
  ask<AppProof>(context, { action: 'probe', repo });

async function ask<Answer>(
  context: SandboxContext,
  event: { readonly action: string; readonly [field: string]: unknown },
): Promise<Answer> {
  try {
    return (await invokeRefresher(context, event)) as Answer;
  } catch (error) {
    if (error instanceof KmError && error.code === 'ErrRefreshEventInvalid') {
      throw new KmError(
        'ErrPlatformMissing',
        `The refresher ${context.names.functionName} in ${context.region} is older than this km and cannot ${event.action} the App.`,
        { remedy: 'km bootstrap', cause: error },
      );
    }
    throw error;
  }
}
