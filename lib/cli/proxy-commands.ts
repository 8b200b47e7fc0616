import type { CommandSpec } from './command-spec.ts';

const AUDIT = ['--audit <file>', 'the audit log (default: one in your home)'] as const;

export const PROXY_OPTIONS = [
  ['--sandbox <id>', 'the sandbox that it is for: its policy and tokens'],
  [
    '--profile <file>',
    "a profile's policy, followed as the file changes; with --sandbox instead of the stack's",
  ],
  ['--policy <file>', 'an installed policy file, with the role of this machine, task or pod'],
  ['--hostname <host>', 'the GitHub of a --profile without sandbox (default: github.com)'],
  ['--listen <address>', 'address and port (default: 127.0.0.1 and a free port)'],
  ['--no-inject', "pass the sandbox's own token on instead of putting it on"],
  ['--ca-dir <dir>', 'where its CA certificate is written (default: in your home)'],
  ['--any-user', 'let other users and machines connect'],
  AUDIT,
] as const;

/** The commands below `km proxy`. */
export const PROXY_COMMANDS: readonly CommandSpec[] = [
  {
    usage: 'log <id>',
    summary: 'show what the proxy of a sandbox decided',
    cloud: false,
    options: [
      ['-f, --follow', 'go on as it grows'],
      ['--denied', 'refusals only'],
      ['--since <time>', 'from then on: 10m, 2h or 2026-11-20T10:00:00Z'],
      AUDIT,
    ],
    examples: ['km proxy log sb-1a2b3c4d --denied', 'km proxy log sb-1a2b3c4d --follow --json'],
    load: () => import('./proxy-log.ts'),
  },
];
