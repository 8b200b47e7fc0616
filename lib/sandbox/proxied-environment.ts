import { callerEnvironment } from './caller-environment.ts';
import { gitConfigVariables } from './git-config-variables.ts';
import { type ProxyVariablesOptions, proxyVariables } from './proxy-variables.ts';

export interface ProxiedEnvironmentOptions extends ProxyVariablesOptions {
  readonly id: string;
  /** The caller's environment; nothing of it is passed on but what is listed. */
  readonly caller: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** The scripts' own list of git settings, filled in; of it only other spellings of a remote count here. */
  readonly gitConfig: readonly (readonly [key: string, value: string])[];
}

/**
 * The whole environment of a command that runs as a sandbox behind its proxy. No credential is in it, and nothing that
 * leads to one: the proxy alone acts as the sandbox's role.
 */
export function proxiedEnvironment(options: ProxiedEnvironmentOptions): Record<string, string> {
  const spellings = options.gitConfig.filter(([key]) => key.startsWith('url.'));
  return {
    ...callerEnvironment(options.caller),
    HOME: options.home,
    KM_SANDBOX_ID: options.id,
    // Without it an SDK would fall back to the instance role of the operator's own machine.
    AWS_EC2_METADATA_DISABLED: 'true',
    ...proxyVariables(options),
    // The system's configuration could name another proxy, which would outrank the variables.
    ...gitConfigVariables([...spellings, ['http.proxy', options.url]]),
  };
}
