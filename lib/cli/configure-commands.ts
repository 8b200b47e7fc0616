import type { CommandSpec } from './command-spec.ts';
import { GITHUB_SETUP_OPTIONS } from './github-commands.ts';

/** What else `--setup` takes. */
const FOR_SETUP = GITHUB_SETUP_OPTIONS.filter(([flags]) => !/^--(?:hostname|force)\b/.test(flags)).map(
  ([flags, description]) => [flags, `with --setup: ${description}`] as const,
);

/** The subcommands of `km configure`. */
export const CONFIGURE_COMMANDS: readonly CommandSpec[] = [
  {
    usage: 'github',
    summary: 'store the GitHub App, its key and its installations; asks for what is missing',
    administrator: true,
    options: [
      ['--setup', 'make a new App in the browser: the same as km github'],
      ['--app-client-id <id>', "the App's client id (or App id)"],
      ['--private-key-file <path>', "the App's private key as GitHub downloaded it; - reads stdin"],
      ['--account <login>', 'the user or organization whose installation is stored'],
      ['--installation-id <id>', 'the installation that is stored'],
      ['--discover', 'list every installation, and store those that are new'],
      ['--prune', 'with --discover: remove the entries whose installation is gone'],
      ['--rotate-key', 'put a new private key of the same App in the place of the old one'],
      ['--signer <signer>', 'kms: keep the key where nobody can copy it; parameter: back again'],
      ['--hostname <host>', 'a GitHub Enterprise Server or *.ghe.com host (default: the stored one)'],
      ['--force', 'put other values in the place of those stored'],
      ['--dry-run', 'check everything and write nothing'],
      ['--non-interactive', 'ask nothing; name what is missing'],
      ...FOR_SETUP,
    ],
    examples: [
      'km configure github',
      'km configure github --app-client-id Iv23li0123456789abcd --private-key-file app.pem --account my-org',
      'km configure github --discover --prune',
      'km configure github --rotate-key --private-key-file new.pem',
    ],
    load: () => import('./configure-github.ts'),
  },
];
