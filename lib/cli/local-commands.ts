import type { CommandSpec } from './command-spec.ts';

const state = [
  '--state <dir>',
  'its state directory (default: $KM_LOCAL_STATE, or one in your home)',
] as const;
const load = () => import('./local.ts');
/** The commands of `km local`. */
export const LOCAL_COMMANDS: readonly CommandSpec[] = [
  {
    usage: 'up',
    summary: 'start it, with the platform deployed and a GitHub App installed',
    cloud: false,
    options: [
      state,
      ['--seed <file>', 'accounts, repos, App and faults to start with'],
      ['--foreground', 'stay attached'],
    ],
    examples: ['km local up', 'km local up --seed seed.yaml --state ./cloud'],
    load: () => import('./local-up.ts'),
  },
  {
    usage: 'down',
    summary: 'stop it; its state stays',
    cloud: false,
    options: [state],
    examples: ['km local down', 'km local down --state ./cloud'],
    load: async () => ({ run: (await load()).down }),
  },
  {
    usage: 'status',
    summary: 'show its addresses, clock and state',
    cloud: false,
    options: [state],
    examples: ['km local status', 'km local status --json'],
    load: async () => ({ run: (await load()).status }),
  },
  {
    usage: 'env',
    summary: 'print its environment as export lines',
    cloud: false,
    options: [state],
    examples: ['eval "$(km local env)"', 'km local env --state ./cloud'],
    load: async () => ({ run: (await load()).env }),
  },
  {
    usage: 'logs',
    summary: 'print its log',
    cloud: false,
    options: [state, ['-f, --follow', 'go on as it grows']],
    examples: ['km local logs', 'km local logs --follow'],
    load: async () => ({ run: (await load()).logs }),
  },
  {
    usage: 'reset',
    summary: 'empty it: every sandbox, key, token and repo in it is gone',
    cloud: false,
    options: [state, ['--yes', 'do not ask']],
    examples: ['km local reset --yes', 'km local reset --state ./cloud --yes'],
    load: async () => ({ run: (await load()).reset }),
  },
  {
    usage: 'advance <duration>',
    summary: 'move its clock: schedules fire, tokens expire',
    cloud: false,
    options: [state],
    examples: ['km local advance 46m', 'km local advance 2h'],
    load: async () => ({ run: (await load()).advance }),
  },
];
