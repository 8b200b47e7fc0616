import { gitSettings } from './git-settings.ts';
import type { KitFiles } from './sandbox-kit.ts';

/** What `km install-script` can print. */
export const INSTALL_FORMATS = ['sh', 'cloud-init', 'dockerfile', 'sidecar'] as const;
export type InstallFormat = (typeof INSTALL_FORMATS)[number];

const GIT = "Sets git up to get this sandbox's GitHub credential from km.";

/** Where the installer puts the scripts. */
const DIR = '/usr/local/lib/km';

export interface InstallOptions {
  readonly kit: KitFiles;
  readonly policy: string;
  /** The origin of git remotes, as in the policy. */
  readonly git: string;
  readonly format: Exclude<InstallFormat, 'sidecar'>;
  /** What running it does, for whoever reads it. */
  readonly purpose?: string;
}

const base64 = (text: string): string =>
  Buffer.from(text).toString('base64').replaceAll(/.{76}/g, '$&\n').trimEnd();

/**
 * One self-contained text that installs the scripts and a sandbox's policy as root: a shell script, cloud-init user
 * data, or lines of a Dockerfile. The files travel as base64, so that nothing in them is read by a shell.
 */
export function installScript({ kit, policy, git, format, purpose = GIT }: InstallOptions): string {
  const script = shellScript(kit, policy, purpose);
  if (format === 'cloud-init') return cloudInit(script);
  if (format === 'dockerfile') return dockerfile(script, environment(kit, git));
  return script;
}

function shellScript(kit: KitFiles, policy: string, purpose: string): string {
  const files = [...kit].map(([path, file]) =>
    'link' in file
      ? `link ${path} ${file.link}\n`
      : `put ${path} ${file.executable ? '0755' : '0644'} <<'KM_FILE'\n${base64(file.content)}\nKM_FILE\n`,
  );
  return `#!/bin/bash
# ${purpose} Run it as root. It holds no secret.
set -euo pipefail
umask 022
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
put() {
  mkdir -p "$dir/$(dirname "$1")"
  base64 -d >"$dir/$1"
  chmod "$2" "$dir/$1"
}
link() {
  mkdir -p "$dir/$(dirname "$1")"
  ln -s "$2" "$dir/$1"
}
${files.join('')}base64 -d >"$dir/policy" <<'KM_FILE'
${base64(policy)}
KM_FILE
"$dir/install" "$dir/policy"
`;
}

function cloudInit(script: string): string {
  return `#cloud-config
write_files:
  - path: /var/lib/km/install.sh
    permissions: '0700'
    encoding: b64
    content: ${Buffer.from(script).toString('base64')}
runcmd:
  - [/var/lib/km/install.sh]
`;
}

/** A container's processes read neither login scripts nor /etc/environment, and only variables outrank a repo's own hooks. */
function environment(kit: KitFiles, git: string): string[] {
  const file = kit.get('git-settings');
  const settings = gitSettings(file && 'content' in file ? file.content : '', { dir: DIR, git });
  return [
    `ENV GIT_CONFIG_COUNT=${settings.length} GIT_ASKPASS=${DIR}/km-git-askpass KM_GIT_CONFIG=1`,
    ...settings.map(
      ([key, value], index) =>
        `ENV GIT_CONFIG_KEY_${index}=${JSON.stringify(key)} GIT_CONFIG_VALUE_${index}=${JSON.stringify(value)}`,
    ),
  ];
}

/** A here-document in RUN takes BuildKit, Docker's default since version 23. */
function dockerfile(script: string, env: readonly string[]): string {
  return `# The image needs git, bash and curl; before this line, for example:
# RUN apt-get update && apt-get install -y --no-install-recommends bash ca-certificates curl git
USER root
RUN base64 -d <<'KM_INSTALL' >/tmp/km-install.sh && bash /tmp/km-install.sh && rm /tmp/km-install.sh
${base64(script)}
KM_INSTALL
${env.join('\n')}
`;
}
