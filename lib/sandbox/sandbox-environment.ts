import { callerEnvironment } from './caller-environment.ts';
import { gitConfigVariables } from './git-config-variables.ts';

/** A proxy of the caller's is passed on as well, unless its address holds a credential. */
const PROXY = /^(?:https?_proxy|no_proxy|all_proxy)$/i;

export interface EnvironmentOptions {
  readonly id: string;
  readonly region: string;
  /** The caller's environment; nothing of it is passed on but what is listed here. */
  readonly caller: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** The folder with km's scripts and the policy. */
  readonly kit: string;
  /** Configuration that outranks a repo's own, in order. */
  readonly gitConfig: readonly (readonly [key: string, value: string])[];
  readonly credentials: { readonly url: string; readonly authorization: string };
  /** `AWS_ENDPOINT_URL` of the local cloud. */
  readonly awsEndpoint?: string | undefined;
  /** The origin of git remotes, and the REST base. */
  readonly github: { readonly git: string; readonly api: string };
}

/** The whole environment of a command that runs as a sandbox. No AWS or GitHub credential is in it. */
export function sandboxEnvironment(options: EnvironmentOptions): Record<string, string> {
  const { region, kit } = options;
  const proxies: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.caller)) {
    if (value !== undefined && PROXY.test(name) && !value.includes('@')) proxies[name] = value;
  }
  return {
    ...callerEnvironment(options.caller),
    ...proxies,
    HOME: options.home,
    KM_SANDBOX_ID: options.id,
    KM_GITHUB_URL: options.github.git,
    KM_GITHUB_API_URL: options.github.api,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: options.credentials.url,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: options.credentials.authorization,
    // Without it an SDK would fall back to the instance role of the operator's own machine.
    AWS_EC2_METADATA_DISABLED: 'true',
    GIT_ASKPASS: `${kit}/km-git-askpass`,
    ...(options.awsEndpoint ? { AWS_ENDPOINT_URL: options.awsEndpoint } : {}),
    ...gitConfigVariables(options.gitConfig),
  };
}
