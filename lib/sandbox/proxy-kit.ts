import { gitSettings } from './git-settings.ts';
import { proxyVariables } from './proxy-variables.ts';
import type { KitFiles } from './sandbox-kit.ts';

/** Where the proxy of an installed machine listens, and where it writes its CA certificate; as in km-proxy.service. */
const LISTEN_URL = 'http://127.0.0.1:3128';
const TRUST = '/var/lib/km-proxy/trust';

export interface ProxyKitOptions {
  /** The files of scripts/proxy. */
  readonly proxy: KitFiles;
  /** The files of scripts/sandbox. */
  readonly sandbox: KitFiles;
  /** GitHub as the sandbox names it. */
  readonly github: { readonly git: string; readonly api: string };
}

const contentOf = (kit: KitFiles, name: string): string => {
  const file = kit.get(name);
  return file && 'content' in file ? file.content : '';
};

/** The files that install a proxy on a machine: its scripts, and what clients there have to know. */
export function proxyKit({ proxy, sandbox, github }: ProxyKitOptions): KitFiles {
  const variables = proxyVariables({
    url: LISTEN_URL,
    ca: `${TRUST}/ca.pem`,
    bundle: `${TRUST}/bundle.pem`,
    github,
  });
  const spellings = gitSettings(contentOf(sandbox, 'git-settings'), { dir: '/', git: github.git })
    .filter(([key]) => key.startsWith('url.'))
    .map(([, form]) => `\tinsteadOf = ${form}\n`);
  return new Map([
    ...proxy,
    ['policy-check.bash', { content: contentOf(sandbox, 'policy-check.bash'), executable: false }],
    ['variables', { content: linesOf(variables), executable: false }],
    [
      'gitconfig',
      {
        content: `[http]\n\tproxy = ${LISTEN_URL}\n\tsslCAInfo = ${TRUST}/bundle.pem\n[url "${github.git}/"]\n${spellings.join('')}`,
        executable: false,
      },
    ],
  ]);
}

const linesOf = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
