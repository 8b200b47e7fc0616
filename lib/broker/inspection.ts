import type { ErrorCode } from '../errors.ts';

/**
 * What an operator asks the refresher about the App, and what it answers: it alone can use the App's key, so it looks
 * in the operator's stead. No answer ever holds a key, a token or a JWT. What is wrong is an answer, not an error; the
 * only error is `ErrRefreshEventInvalid`. See docs/decisions/app-signers.md.
 */
export type InspectionEvent = InspectEvent | ProveEvent | ProbeEvent;

/** Reads all that is stored about the App, and asks GitHub what it makes of it. Changes nothing. */
export interface InspectEvent {
  readonly action: 'inspect';
  /** The key that a rotation is about to switch to, in place of the current one; default false. */
  readonly candidate?: boolean;
  /** Also what is left of the rate limit, for which short tokens are minted and revoked; default false. */
  readonly rate_limit?: boolean;
}

/** Proves that the App can mint: mints a `metadata: read` token, uses it, revokes it, and checks that it is dead. */
export interface ProveEvent {
  readonly action: 'prove';
  /** As in {@link InspectEvent}. */
  readonly candidate?: boolean;
  /** Whose installation; default the first that is stored and not suspended, else the first that GitHub lists. */
  readonly owner?: string;
}

/** Proves that a token is held to its scope: reads one repo with `contents: read`, and tries a write that must fail. */
export interface ProbeEvent {
  readonly action: 'probe';
  /** `owner/name`. */
  readonly repo: string;
}

/** Something that is wrong, under one of km's stable codes. */
export interface InspectionProblem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy?: string;
}

/** How the App's JWTs are signed: with the stored PEM, or by `kms:Sign`. */
export type Signer = 'parameter' | 'kms';

export interface InspectedKey {
  /** Whether it can sign an App's JWT: readable, RSA, at least 2,048 bits. Not whether GitHub knows it: see `jwt`. */
  readonly ok: boolean;
  readonly problem?: InspectionProblem;
  /** As `rsa` or `ec`. */
  readonly type?: string;
  readonly bits?: number;
  /** As GitHub shows it in the App's settings: `SHA256:` and the SHA-256 of the DER public key (SPKI) in base64. */
  readonly fingerprint?: string;
  /** ISO 8601: when its parameter was last written; with signer `kms`, when `signing-key` was. */
  readonly stored_at?: string;
  /** ARN; only with signer `kms`. */
  readonly kms_key_id?: string;
}

export interface InspectedApp {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly client_id?: string;
  /** Login of the owning account, or the slug of the owning enterprise. */
  readonly owner: string;
  /** As `User` or `Organization`. */
  readonly owner_type?: string;
  /** What the App asks for: permission name to `read`, `write` or `admin`. */
  readonly permissions: Readonly<Record<string, string>>;
  readonly html_url: string;
  /** Absent when GitHub does not say, as it does not in `GET /app`. */
  readonly public?: boolean;
}

export interface InspectedInstallation {
  readonly id: number;
  /** The account's login, as GitHub spells it. */
  readonly account: string;
  /** As `User` or `Organization`; empty when GitHub does not say. */
  readonly type: string;
  readonly repository_selection: 'all' | 'selected';
  /** What the account has accepted. */
  readonly permissions: Readonly<Record<string, string>>;
  readonly suspended: boolean;
  /** The installation's settings page. */
  readonly html_url?: string;
}

export interface StoredInstallation {
  /** Lower case, as in the parameter's name. */
  readonly owner: string;
  readonly id: number;
}

/** What is left of an installation's primary rate limit. */
export interface RateLimit {
  /** The account's login. */
  readonly account: string;
  /** Requests an hour. */
  readonly limit: number;
  readonly remaining: number;
  /** ISO 8601. */
  readonly reset: string;
}

/** Partial on purpose: what could not be found out is absent, and `problems` says why. */
export interface InspectAnswer {
  /** Whether all that is needed is stored: client id and, with signer `parameter`, the private key. */
  readonly configured: boolean;
  /** Names of the parameters that are needed and absent or empty. */
  readonly missing: readonly string[];
  /** Empty when it could not be read, or cannot be a host. */
  readonly host: string;
  /** How this function signs, by the platform stack's parameter `Signer`. */
  readonly signer: Signer;
  readonly client_id?: string;
  /** Absent when there is none. */
  readonly key?: InspectedKey;
  /** GitHub's clock less this function's, to about a second. */
  readonly clock_skew_ms?: number;
  /** Whether GitHub accepts the App's JWT, if need be with times corrected by `clock_skew_ms`. Absent when none could be signed. */
  readonly jwt?: { readonly ok: boolean; readonly problem?: InspectionProblem };
  readonly app?: InspectedApp;
  /** All of them, over all pages, as GitHub lists them. */
  readonly installations?: readonly InspectedInstallation[];
  readonly stored_installations: readonly StoredInstallation[];
  readonly legacy_installation_id?: number;
  /** The stored slug, for install links. */
  readonly app_slug?: string;
  /** The stored ARN of the signing key. */
  readonly signing_key?: string;
  /** Only when asked for, of the first few installations that are not suspended; those that are stored come first. */
  readonly rate_limit?: readonly RateLimit[];
  /** Everything that is wrong, that of `key` and `jwt` included. */
  readonly problems: readonly InspectionProblem[];
}

/** In their order; what was not reached is absent. A token that was minted is always revoked. */
export type ProofStepName = 'installation' | 'mint' | 'use' | 'read' | 'write-refused' | 'revoke' | 'dead';

export interface ProofStep {
  readonly name: ProofStepName;
  readonly ok: boolean;
  /** One line for a person to read. */
  readonly detail: string;
}

/** The answer to a prove event: steps `installation`, `mint`, `use`, `revoke`, `dead`. */
export interface ProveAnswer {
  /** Every step was reached and is ok. */
  readonly ok: boolean;
  /** The account's login, as GitHub spells it, as soon as it is known. */
  readonly owner?: string;
  readonly installation_id?: number;
  readonly steps: readonly ProofStep[];
  /** Of the first step that is not ok, or of what came before all steps (the App is not configured). */
  readonly problem?: InspectionProblem;
  /** From the headers of the token's use. */
  readonly rate_limit?: RateLimit;
}

/** The answer to a probe event: steps `installation`, `mint`, `read`, `write-refused`, `revoke`, `dead`. */
export interface ProbeAnswer extends ProveAnswer {
  /** As it was asked about. */
  readonly repo: string;
}
