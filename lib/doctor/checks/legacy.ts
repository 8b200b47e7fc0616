import { type Check, type Finding, ok, warn } from '../check.ts';

const TOKEN_VARIABLES = /^(GITHUB|GH|GITHUB_ENTERPRISE|GH_ENTERPRISE)_(TOKEN|PAT)$/;
/** What a shell can unset. */
const VARIABLE = /^[A-Za-z_]\w*$/;
/** Personal access tokens: https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/ */
const PERSONAL = /^(ghp_|github_pat_)/;

/** Credentials and settings from before there was an App: they work past km, and reach more than a sandbox should. */
export const legacy: Check = {
  id: 'legacy-settings',
  title: 'Personal tokens and legacy settings',
  async run(facts) {
    const { names } = facts.context;
    const findings = fromEnvironment(facts.options.env);
    const parameters = await facts.configParameters().catch((error: unknown) => {
      // What the shell holds is told whether or not the rest may be looked at.
      if (findings.length > 0) return [];
      throw error;
    });
    if (parameters.some(({ name }) => name === names.legacyInstallationId)) {
      findings.push(
        warn(
          `${names.legacyInstallationId} is from before accounts had entries of their own`,
          `km configure github --discover --force && aws ssm delete-parameter --name ${names.legacyInstallationId}`,
        ),
      );
    }
    return findings.length > 0 ? findings : [ok('none')];
  },
};

function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Finding[] {
  return Object.entries(env).flatMap(([name, value]) => {
    const personal = PERSONAL.test(value ?? '');
    if (!value || !VARIABLE.test(name) || (!personal && !TOKEN_VARIABLES.test(name))) return [];
    const kind = personal ? 'a personal access token' : 'a token';
    return [warn(`${name} in this shell holds ${kind}, which git and gh may use past km`, `unset ${name}`)];
  });
}
