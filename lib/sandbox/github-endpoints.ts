import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { gitHubHost } from '../github/hosts.ts';
import type { SandboxContext } from './context.ts';

export interface GitHubEndpoints {
  /** The origin of git remotes: `https://github.com`. */
  readonly git: string;
  /** The REST base: `https://api.github.com`. */
  readonly api: string;
}

/**
 * Where this platform's GitHub is: github.com, or the host in the platform's configuration.
 * The local cloud names its own by `KM_GITHUB_URL` and `KM_GITHUB_API_URL`.
 */
export async function githubEndpoints(
  context: SandboxContext,
  env: Readonly<Record<string, string | undefined>>,
): Promise<GitHubEndpoints> {
  if (env.KM_GITHUB_URL && env.KM_GITHUB_API_URL) {
    // The same rule holds for both: https, or http on loopback.
    const git = new URL(gitHubHost({ apiUrl: env.KM_GITHUB_URL }).apiUrl).origin;
    return { git, api: gitHubHost({ apiUrl: env.KM_GITHUB_API_URL }).apiUrl };
  }
  const host = await context
    .client(SSMClient)
    .send(new GetParameterCommand({ Name: context.names.host }))
    .then(({ Parameter }) => Parameter?.Value)
    .catch((error: unknown) => {
      if (error instanceof Error && error.name === 'ParameterNotFound') return undefined;
      throw error;
    });
  const { host: name, apiUrl } = gitHubHost(host === undefined ? {} : { host });
  return { git: `https://${name}`, api: apiUrl };
}
