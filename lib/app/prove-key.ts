import type { InspectAnswer } from '../broker/inspection.ts';
import { KmError } from '../errors.ts';
import type { SandboxContext } from '../sandbox/context.ts';
import { inspectApp, proveApp } from './inspect-app.ts';
import { problemError } from './look-at-app.ts';

export interface ProveKeyOptions {
  /** The key that is to take the current one's place. */
  readonly candidate: boolean;
  /** The key that it must be, as GitHub shows it. */
  readonly fingerprint: string;
  readonly appId: number;
  /** Where the refresher must have it; absent: wherever. */
  readonly signer?: 'parameter' | 'kms';
  /** How long a change in AWS may take to count, in milliseconds; default none. */
  readonly patienceMs?: number;
}

const WAIT_MS = 1_000;

/**
 * Has the refresher prove a key: it is this key, GitHub takes its JWT for this App, and where the App is installed, a
 * token can be minted with it, used and revoked.
 *
 * @returns the account that the token was minted for; absent when there is no installation that is not suspended.
 * @throws {KmError} what the refresher found wrong, under its own code.
 */
export async function proveKey(
  context: SandboxContext,
  options: ProveKeyOptions,
): Promise<{ readonly owner?: string }> {
  const inspection = await inspectPatiently(context, options);
  if (!inspection.installations?.some(({ suspended }) => !suspended)) return {};
  const { candidate } = options;
  const proof = await proveApp(context, candidate ? { candidate } : {});
  if (proof.ok) return proof.owner === undefined ? {} : { owner: proof.owner };
  const failed = proof.steps.find(({ ok }) => !ok);
  throw problemError(
    proof.problem
      ? [proof.problem]
      : [{ code: 'ErrRefreshFailed', message: `The App cannot mint: ${failed?.name} ${failed?.detail}` }],
  );
}

async function inspectPatiently(context: SandboxContext, options: ProveKeyOptions): Promise<InspectAnswer> {
  const { candidate, patienceMs = 0 } = options;
  for (let waited = 0; ; waited += WAIT_MS) {
    const inspection = await inspectApp(context, candidate ? { candidate } : {});
    const problem = problemOf(inspection, options);
    if (problem === undefined) return inspection;
    if (waited >= patienceMs) throw problem;
    await context.sleep(WAIT_MS);
  }
}

function problemOf(inspection: InspectAnswer, options: ProveKeyOptions): KmError | undefined {
  const { key, jwt, app, signer, problems } = inspection;
  if (options.signer !== undefined && signer !== options.signer) {
    return new KmError('ErrRefreshFailed', `The refresher still signs with signer '${signer}'`, {
      remedy: 'Run the same command again in a minute.',
    });
  }
  if (!key?.ok || !jwt?.ok) return problemError(problems);
  if (key.fingerprint !== options.fingerprint) {
    return new KmError(
      'ErrRefreshFailed',
      `The refresher has the key ${key.fingerprint}, not ${options.fingerprint}`,
      { remedy: 'Somebody else may have changed it just now. Run the same command again.' },
    );
  }
  return app?.id === options.appId ? undefined : problemError(problems);
}
