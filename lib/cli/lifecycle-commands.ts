import type { CommandSpec } from './command-spec.ts';

/** The commands that change a sandbox that is there. */
export const lifecycleCommands = (group: string): readonly CommandSpec[] => [
  {
    usage: 'pause <id>',
    summary: 'revoke its tokens and make none until it is resumed',
    group,
    examples: ['km pause sb-1a2b3c4d', 'km pause sb-1a2b3c4d --json'],
    load: () => import('./pause.ts'),
  },
  {
    usage: 'resume <id>',
    summary: 'new tokens for a paused sandbox, now and from then on',
    group,
    examples: ['km resume sb-1a2b3c4d', 'km resume sb-1a2b3c4d --json'],
    load: () => import('./resume.ts'),
  },
  {
    usage: 'extend <id>',
    summary: 'move the end of a sandbox',
    group,
    options: [['--ttl <duration>', 'how long it lives from now: 90m, 2h, 3d; 0: until destroyed']],
    examples: ['km extend sb-1a2b3c4d --ttl 2h', 'km extend sb-1a2b3c4d --ttl 0'],
    load: () => import('./extend.ts'),
  },
  {
    usage: 'update <id> <profile>',
    summary: 'give a sandbox what a changed profile says; what it no longer allows is revoked',
    group,
    options: [['--dry-run', 'check everything, show what would change and change nothing']],
    examples: [
      'km update sb-1a2b3c4d examples/profile.yaml --dry-run',
      'km update sb-1a2b3c4d examples/profile.yaml',
    ],
    load: () => import('./update.ts'),
  },
  {
    usage: 'revoke [id]',
    summary: 'the kill switch: revoke every live token within seconds, and pause',
    group,
    options: [
      ['--owner <owner>', 'every sandbox that reaches this account'],
      ['--all', 'every sandbox'],
      ['--yes', 'do not ask'],
    ],
    examples: ['km revoke sb-1a2b3c4d', 'km revoke --owner my-org --yes', 'km revoke --all --yes'],
    load: () => import('./revoke.ts'),
  },
];
