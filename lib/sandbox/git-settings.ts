/** What people write for github.com, which the local cloud's GitHub stands in for. */
const GITHUB_FORMS = ['https://github.com/', 'git@github.com:', 'ssh://git@github.com/'];

export interface GitSettingsValues {
  /** The folder of the scripts. */
  readonly dir: string;
  /** The origin of git remotes, `https://github.com`. */
  readonly git: string;
}

/** Fills the scripts' own list of git settings in for one place and host: key and value, in their order. */
export function gitSettings(
  template: string,
  { dir, git }: GitSettingsValues,
): readonly (readonly [key: string, value: string])[] {
  const { host, protocol } = new URL(git);
  const settings = template
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line): [string, string] => {
      const [key = '', ...value] = line.split(' ');
      const fill = (text: string) =>
        text.replaceAll('@DIR@', dir).replaceAll('@GIT@', git).replaceAll('@HOST@', host);
      return [fill(key), fill(value.join(' '))];
    });
  // Only the local cloud speaks http.
  const standIns = protocol === 'http:' ? GITHUB_FORMS : [];
  return [...settings, ...standIns.map((form): [string, string] => [`url.${git}/.insteadOf`, form])];
}
