import { KmError } from '../errors.ts';
import { revokeToken } from '../github/revoke-token.ts';
import { isCredentialShaped } from '../github/token-shape.ts';
import type { Secret } from '../secret.ts';
import type { Broker } from './broker.ts';
import { asKmError, type RevokeReason, tokenSha256 } from './broker-log.ts';
import { isMark, markDestroyed } from './destroyed-mark.ts';
import type { ParameterVersion } from './parameter-store.ts';
import { describedExpiry, readTokenDescription } from './token-description.ts';

export interface RevokeOptions {
  readonly sandboxId: string;
  /** Parameters that stay; none by default. */
  readonly keepParameters?: ReadonlySet<string>;
  /** SHA-256 of tokens that stay alive; none by default. */
  readonly keepTokens?: ReadonlySet<string>;
  /** Scopes, as `tokenScope` tells them, whose tokens stay alive; none by default. */
  readonly keepScopes?: ReadonlySet<string>;
  /** Why, for the log; default `destroyed`, or `dropped` when a parameter stays. */
  readonly reason?: RevokeReason;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

export interface RevokedSandbox {
  /** Tokens that were alive until now. */
  readonly revoked: number;
  /** Parameters deleted. */
  readonly deleted: readonly string[];
}

/** What was taken back, and what could not be. */
export interface TakenBack extends RevokedSandbox {
  readonly failures: readonly { readonly parameter: string; readonly error: KmError }[];
}

/** An installation token's life, and a minute for clocks that differ. */
const TOKEN_LIFE_MS = 61 * 60_000;

const isAlive = (version: ParameterVersion, now: number): boolean =>
  version.lastModified + TOKEN_LIFE_MS > now || (describedExpiry(version.description) ?? 0) > now;

/** The unexpired tokens in a parameter's history, each once. What is past its hour is not decrypted for nothing. */
const aliveTokens = async (
  broker: Broker,
  name: string,
  keepScopes: ReadonlySet<string>,
): Promise<readonly Secret[]> => {
  const now = broker.now();
  const isKept = ({ description }: ParameterVersion): boolean =>
    keepScopes.has(readTokenDescription(description)?.scope ?? '');
  const sealed = await broker.store.history(name, { decrypt: false });
  if (!sealed.some((version) => isAlive(version, now) && !isMark(version))) return [];
  const tokens = new Map<string, Secret>();
  for (const version of await broker.store.history(name, { decrypt: true })) {
    if (isAlive(version, now) && !isKept(version) && isCredentialShaped(version.value.reveal())) {
      tokens.set(tokenSha256(version.value), version.value);
    }
  }
  return [...tokens.values()];
};

const isTokenParameter = (broker: Broker, id: string, name: string): boolean =>
  name === broker.names.tokenParameter(id) || name.startsWith(`${broker.names.ownerTokensPath(id)}/`);

const parametersOf = async (broker: Broker, sandboxId: string): Promise<readonly string[]> => {
  const listed = await broker.store.list(broker.names.sandboxPath(sandboxId));
  return listed.filter((name) => isTokenParameter(broker, sandboxId, name));
};

/**
 * Takes a sandbox's tokens back: revokes every unexpired token in the history of each of its parameters, then deletes
 * the parameters. A parameter whose tokens could not all be revoked stays, so that repeating finds them again. Safe to
 * repeat, and nothing to do for a sandbox that has none.
 *
 * IAM: `ssm:GetParametersByPath`, `ssm:PutParameter`, `ssm:GetParameterHistory` and `ssm:DeleteParameters` on the
 * sandbox's path, `kms:Encrypt` and `kms:Decrypt` with its key; `ssm:GetParameters` on the stored host.
 *
 * @throws {KmError} `ErrRevokeFailed` with each parameter's reason, after all were tried; `ErrAws` when they cannot be listed.
 */
export const revoke = async (broker: Broker, options: RevokeOptions): Promise<RevokedSandbox> => {
  return revokeParameters(broker, await parametersOf(broker, options.sandboxId), options);
};

/** As {@link revoke}, but what could not be revoked is part of the answer. Throws `ErrAws` only. */
export const takeBack = async (broker: Broker, options: RevokeOptions): Promise<TakenBack> =>
  takeBackParameters(broker, await parametersOf(broker, options.sandboxId), options);

/** The same for these parameters only, whether they are there or not. Throws `ErrRevokeFailed`, `ErrAws`. */
export const revokeParameters = async (
  broker: Broker,
  parameters: readonly string[],
  options: RevokeOptions,
): Promise<RevokedSandbox> => {
  const { revoked, deleted, failures } = await takeBackParameters(broker, parameters, options);
  if (failures.length === 0) return { revoked, deleted };
  const told = failures.map(({ parameter, error }) => `${parameter}: ${error.message}`);
  throw new KmError(
    'ErrRevokeFailed',
    `Not every token of ${options.sandboxId} could be revoked: ${told.join('; ')}`,
    { remedy: 'Try again; a token that is left expires within the hour.' },
  );
};

const takeBackParameters = async (
  broker: Broker,
  parameters: readonly string[],
  options: RevokeOptions,
): Promise<TakenBack> => {
  const { sandboxId, keepParameters = new Set(), keepTokens = new Set(), deadline } = options;
  const { keepScopes = new Set() } = options;
  const { reason = keepParameters.size === 0 ? 'destroyed' : 'dropped' } = options;
  const failures: { parameter: string; error: KmError }[] = [];
  let revoked = 0;

  const revokeOne = async (token: Secret): Promise<void> => {
    const base = { sandbox_id: sandboxId, reason, token_sha256: tokenSha256(token) } as const;
    if (keepTokens.has(base.token_sha256)) return;
    try {
      const result = await revokeToken(await broker.source.transport(), { token, deadline });
      broker.log({ event: 'token_revoked', ...base, result });
      if (result === 'revoked') revoked += 1;
    } catch (thrown) {
      const { code, message } = asKmError(thrown);
      broker.log({ event: 'token_revocation_failed', ...base, code, message });
      throw thrown;
    }
  };

  const revokeParameter = async (name: string): Promise<string | undefined> => {
    try {
      if (!keepParameters.has(name)) await markDestroyed(broker, sandboxId, name);
      const results = await Promise.allSettled((await aliveTokens(broker, name, keepScopes)).map(revokeOne));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
      return keepParameters.has(name) ? undefined : name;
    } catch (thrown) {
      failures.push({ parameter: name, error: asKmError(thrown) });
      return undefined;
    }
  };

  const settled = await Promise.all(parameters.map(revokeParameter));
  const deleted = settled.filter((name) => name !== undefined);
  await broker.store.remove(deleted);
  return { revoked, deleted, failures };
};
