import { KmError } from '../errors.ts';
import { gitHubHost } from '../github/hosts.ts';
import { compileProfile } from '../profile/compile-profile.ts';
import { parseProfile } from '../profile/parse-profile.ts';
import { type GitHubEndpoints, githubEndpoints } from '../sandbox/github-endpoints.ts';
import {
  FILE_EVERY_MS,
  type ProxySource,
  policyFileProxySource,
  sandboxProxySource,
} from '../sandbox/open-proxy-source.ts';
import { proxyPolicyOfPlan } from '../sandbox/proxy-policy.ts';
import type { Invocation } from './invocation.ts';
import { readProfile, readProfileText } from './read-profile.ts';
import { cloudClock } from './session.ts';

/**
 * Where `km proxy` has its policy from: a sandbox's stack, a profile, or an installed policy file. A profile beside a
 * sandbox decides in its stead, with the sandbox's tokens. Throws `ErrUsage` when none or too many are named.
 */
export async function chooseProxySource(invocation: Invocation): Promise<ProxySource> {
  const { sandbox, profile, policy, hostname, inject } = invocation.options;
  const id = sandbox?.toString();
  if (policy !== undefined && (id !== undefined || profile !== undefined)) {
    throw new KmError('ErrUsage', '--policy stands alone: it names the sandbox and its tokens.');
  }
  if (hostname !== undefined && (id !== undefined || policy !== undefined)) {
    throw new KmError('ErrUsage', '--hostname goes with --profile alone: a sandbox knows its GitHub.');
  }
  if (inject === false && id === undefined && policy === undefined && profile !== undefined) {
    throw new KmError(
      'ErrUsage',
      '--no-inject goes with --sandbox or --policy: a profile alone has no token.',
      {
        remedy: 'Leave it away: without a sandbox the proxy puts no token on.',
      },
    );
  }
  if (policy !== undefined) return policyFileProxySource(policy.toString(), cloudClock);
  const ofSandbox = id === undefined ? undefined : await forSandbox(invocation, id);
  if (profile !== undefined) return forProfile(invocation, profile.toString(), ofSandbox);
  if (ofSandbox) return ofSandbox;
  throw new KmError('ErrUsage', 'Name what the proxy is for: --sandbox, --profile or --policy.', {
    remedy: 'km proxy --sandbox ID',
  });
}

async function forSandbox(invocation: Invocation, id: string): Promise<ProxySource> {
  const { context } = await invocation.session();
  return sandboxProxySource(context, id, await githubEndpoints(context, invocation.env));
}

async function forProfile(
  invocation: Invocation,
  file: string,
  ofSandbox: ProxySource | undefined,
): Promise<ProxySource> {
  const plan = await readProfile(file, invocation.terminal);
  const name = ofSandbox?.first.sandbox ?? plan.name;
  const read = async () => {
    const { profile } = parseProfile(await readProfileText(file), { file });
    return proxyPolicyOfPlan(compileProfile(profile, { file }), name);
  };
  return {
    first: proxyPolicyOfPlan(plan, name),
    read,
    every: FILE_EVERY_MS,
    github: ofSandbox?.github ?? (await gitHubOf(invocation)),
    ...(ofSandbox?.tokens ? { tokens: ofSandbox.tokens } : {}),
  };
}

/** Without a sandbox no cloud is asked: GitHub is the one that is named, the local cloud's, or github.com. */
async function gitHubOf({ env, options, session }: Invocation): Promise<GitHubEndpoints> {
  if (options.hostname !== undefined) {
    const { host, apiUrl } = gitHubHost({ host: options.hostname.toString() });
    return { git: `https://${host}`, api: apiUrl };
  }
  if (options.local || options.state) await session();
  const { KM_GITHUB_URL, KM_GITHUB_API_URL } = env;
  if (!KM_GITHUB_URL || !KM_GITHUB_API_URL)
    return { git: 'https://github.com', api: 'https://api.github.com' };
  const git = new URL(gitHubHost({ apiUrl: KM_GITHUB_URL }).apiUrl).origin;
  return { git, api: gitHubHost({ apiUrl: KM_GITHUB_API_URL }).apiUrl };
}
