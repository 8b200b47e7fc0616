/** Variables of the caller that a sandbox may see: where programs are, how the terminal speaks, which CAs to trust. */
const PASSED =
  /^(?:PATH|TERM|COLORTERM|NO_COLOR|LANG|LANGUAGE|LC_[A-Z]+|TZ|USER|LOGNAME|SHELL|SSL_CERT_FILE|SSL_CERT_DIR|CURL_CA_BUNDLE|GIT_SSL_CAINFO|NODE_EXTRA_CA_CERTS)$/;
/** A proxy is passed on as well, unless its address holds a credential. */
const PROXY = /^(?:https?_proxy|no_proxy|all_proxy)$/i;

/** The machine's own git configuration may name a helper, such as the operator's keychain: none is asked, for any host. */
const NO_OTHER_HELPER = ['credential.helper', ''] as const;
/** ssh finds the operator's keys and configuration by the user's entry in the password file, whatever HOME says. */
const SSH_WITHOUT_IDENTITY = 'ssh -F none -o IdentityAgent=none -o IdentityFile=none';

export interface EnvironmentOptions {
  readonly id: string;
  readonly region: string;
  /** The caller's environment; nothing of it is passed on but what is listed here. */
  readonly caller: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** The folder with km's scripts and the policy. */
  readonly kit: string;
  /** Configuration that outranks a repo's own, in order; {@link https://git-scm.com/docs/git-config#ENVIRONMENT}. */
  readonly gitConfig: readonly (readonly [key: string, value: string])[];
  readonly credentials: { readonly url: string; readonly authorization: string };
  /** `AWS_ENDPOINT_URL` of the local cloud. */
  readonly awsEndpoint?: string | undefined;
  /** The origin of git remotes, and the REST base. */
  readonly github: { readonly git: string; readonly api: string };
}

/** The whole environment of a command that runs as a sandbox. No AWS or GitHub credential is in it. */
export function sandboxEnvironment(options: EnvironmentOptions): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.caller)) {
    if (value === undefined) continue;
    if (PASSED.test(name) || (PROXY.test(name) && !value.includes('@'))) env[name] = value;
  }
  const { region, kit } = options;
  const gitConfig = [NO_OTHER_HELPER, ...options.gitConfig];
  Object.assign(env, {
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
    GIT_TERMINAL_PROMPT: '0',
    // Where km is installed on this machine as well, its login script must not add settings of its own.
    KM_GIT_CONFIG: '1',
    GIT_CONFIG_COUNT: String(gitConfig.length),
    GIT_SSH_COMMAND: SSH_WITHOUT_IDENTITY,
    ...(options.awsEndpoint ? { AWS_ENDPOINT_URL: options.awsEndpoint } : {}),
  });
  for (const [index, [key, value]] of gitConfig.entries()) {
    env[`GIT_CONFIG_KEY_${index}`] = key;
    env[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return env;
}
