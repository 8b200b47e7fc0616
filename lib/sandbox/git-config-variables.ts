/** The machine's own git configuration may name a helper, such as the operator's keychain: none is asked, for any host. */
const NO_OTHER_HELPER = ['credential.helper', ''] as const;
/** ssh finds the operator's keys and configuration by the user's entry in the password file, whatever HOME says. */
const SSH_WITHOUT_IDENTITY = 'ssh -F none -o IdentityAgent=none -o IdentityFile=none';

/**
 * Git settings as variables, which outrank a repo's own, in order; and no identity of the caller's.
 *
 * {@link https://git-scm.com/docs/git-config#ENVIRONMENT}
 */
export function gitConfigVariables(
  settings: readonly (readonly [key: string, value: string])[],
): Record<string, string> {
  const all = [NO_OTHER_HELPER, ...settings];
  const env: Record<string, string> = {
    GIT_TERMINAL_PROMPT: '0',
    // Where km is installed on this machine as well, its login script must not add settings of its own.
    KM_GIT_CONFIG: '1',
    GIT_CONFIG_COUNT: String(all.length),
    GIT_SSH_COMMAND: SSH_WITHOUT_IDENTITY,
  };
  for (const [index, [key, value]] of all.entries()) {
    env[`GIT_CONFIG_KEY_${index}`] = key;
    env[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return env;
}
