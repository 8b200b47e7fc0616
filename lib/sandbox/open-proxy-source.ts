import { readFile } from 'node:fs/promises';
import { SSMClient } from '@aws-sdk/client-ssm';
import { tokenParameters } from '../broker/owner-scopes.ts';
import { KmError } from '../errors.ts';
import type { ProxyPolicy } from '../proxy/proxy-policy.ts';
import type { TokenHolder } from '../proxy/server/token-holder.ts';
import { whyRefused } from '../why-refused.ts';
import type { SandboxContext } from './context.ts';
import { findSandbox, lookUpSandbox } from './find-sandbox.ts';
import type { GitHubEndpoints } from './github-endpoints.ts';
import { closedPolicy, proxyPolicyOf } from './proxy-policy.ts';
import { readPolicyFile } from './read-policy-file.ts';
import { readStoredToken, readTokensAs } from './read-stored-token.ts';
import type { SandboxRecord } from './sandbox-record.ts';
import { TokenSource } from './token-source.ts';

/** Where a proxy has its policy and its tokens from. */
export interface ProxySource {
  readonly first: ProxyPolicy;
  /** The policy as it is now. */
  readonly read: () => Promise<ProxyPolicy>;
  /** Milliseconds between two looks for a changed one. */
  readonly every: number;
  readonly github: GitHubEndpoints;
  /** Absent: no sandbox, or one without GitHub. */
  readonly tokens?: TokenHolder;
}

/** A stack is asked for over the network, with a rate limit; a file is not. Milliseconds. */
const STACK_EVERY_MS = 60_000;
export const FILE_EVERY_MS = 1_000;

/**
 * The policy of a sandbox's stack, and its tokens, read with its role. A sandbox that is gone reaches nothing.
 *
 * Throws `ErrSandboxNotFound`, or `ErrSandboxNotAssumable` to whoever may not act as that sandbox.
 */
export async function sandboxProxySource(
  context: SandboxContext,
  id: string,
  github: GitHubEndpoints,
): Promise<ProxySource> {
  const sandbox = await findSandbox(context, id);
  let parameters = parametersOf(context, sandbox);
  const read = async (): Promise<ProxyPolicy> => {
    const found = await lookUpSandbox(context, id);
    parameters = found ? parametersOf(context, found) : new Map();
    return found ? proxyPolicyOf(found) : closedPolicy(id);
  };
  const source = { first: proxyPolicyOf(sandbox), read, every: STACK_EVERY_MS, github };
  if (!sandbox.event) return source;
  const tokens = new TokenSource({
    parameters: () => parameters,
    read: await readTokensAs(context, sandbox),
    now: () => context.now(),
  });
  return { ...source, tokens };
}

const parametersOf = ({ names }: SandboxContext, { event }: SandboxRecord): ReadonlyMap<string, string> =>
  event ? tokenParameters(names, event) : new Map();

/**
 * The policy file that `km install-script` carries, and the tokens that it names, read with the role that this machine,
 * task or pod has. Throws `ErrProxyPolicyInvalid`.
 */
export async function policyFileProxySource(
  file: string,
  now: (ssm: string) => () => Promise<number>,
): Promise<ProxySource> {
  const read = async () => readPolicyFile(await readText(file), file);
  const installed = await read();
  let parameters = installed.tokens;
  const client = new SSMClient({ region: installed.region, endpoint: installed.ssm, maxAttempts: 3 });
  const tokens = new TokenSource({
    parameters: () => parameters,
    read: (parameter, version) => readStoredToken(client, parameter, version),
    now: now(installed.ssm),
  });
  return {
    first: installed.policy,
    read: async () => {
      const next = await read();
      parameters = next.tokens;
      return next.policy;
    },
    every: FILE_EVERY_MS,
    github: installed.github,
    ...(installed.tokens.size > 0 ? { tokens } : {}),
  };
}

const readText = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = whyRefused(cause) ?? cause.code ?? cause.message;
    throw new KmError('ErrProxyPolicyInvalid', `${file} cannot be read: ${why}`, {
      remedy: 'km install-script ID writes one; on an installed machine it is /usr/local/lib/km/policy.',
      cause,
    });
  });
