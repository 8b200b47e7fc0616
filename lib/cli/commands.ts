import type { Run } from './invocation.ts';

/** One command of the command line: how it is called, and where its code is. */
export interface CommandSpec {
  /** Name and arguments: `create <profile>`. */
  readonly usage: string;
  readonly summary: string;
  readonly group?: string;
  readonly options?: readonly (readonly [flags: string, description: string])[];
  readonly examples?: readonly string[];
  /** False for a command that talks to no cloud. */
  readonly cloud?: boolean;
  /** Sets the platform up: in the local cloud it runs as the administrator, not as the operator. */
  readonly administrator?: boolean;
  readonly load?: () => Promise<{ readonly run: Run }>;
  readonly commands?: readonly CommandSpec[];
}

const SANDBOXES = 'Sandboxes:';
const USING = 'Working in a sandbox:';
const SETUP = 'Setting up:';

const STANDARD = [
  '--standard',
  "CloudFormation's standard mode instead of express: slower, waits until settled",
] as const;

export const COMMANDS: readonly CommandSpec[] = [
  {
    usage: 'create <profile>',
    summary: 'create a sandbox from a profile',
    group: SANDBOXES,
    options: [
      ['--id <id>', 'the sandbox id (default: a new one)'],
      ['--ttl <duration>', "how long it lives: 90m, 2h, 3d; 0: until destroyed (default: the profile's)"],
      ['--dry-run', 'check everything, show the plan and create nothing'],
      STANDARD,
    ],
    examples: ['km create examples/profile.yaml', 'km create examples/profile.yaml --ttl 30m --json'],
    load: () => import('./create.ts'),
  },
  {
    usage: 'list',
    summary: 'list the sandboxes, with the age and health of their tokens',
    group: SANDBOXES,
    examples: ['km list', "km list --json | jq -r '.sandboxes[].id'"],
    load: () => import('./list.ts'),
  },
  {
    usage: 'describe <id>',
    summary: 'show everything about one sandbox',
    group: SANDBOXES,
    examples: ['km describe sb-1a2b3c4d', 'km describe sb-1a2b3c4d --json'],
    load: () => import('./describe.ts'),
  },
  {
    usage: 'refresh <id>',
    summary: 'refresh its tokens now',
    group: SANDBOXES,
    examples: ['km refresh sb-1a2b3c4d', 'km refresh sb-1a2b3c4d --json'],
    load: () => import('./refresh.ts'),
  },
  {
    usage: 'destroy [ids...]',
    summary: 'revoke the tokens and remove everything of a sandbox',
    group: SANDBOXES,
    options: [['--all', 'every sandbox'], ['--yes', 'do not ask'], STANDARD],
    examples: ['km destroy sb-1a2b3c4d', 'km destroy --all --yes'],
    load: () => import('./destroy.ts'),
  },
  {
    usage: 'exec <id> <command...>',
    summary: 'run a command as a sandbox; write it after --',
    group: USING,
    examples: [
      'km exec sb-1a2b3c4d -- git clone https://github.com/my-user/my-repo',
      "km exec sb-1a2b3c4d -- bash -c 'cd my-repo && git push'",
    ],
    load: () => import('./exec.ts'),
  },
  {
    usage: 'shell <id>',
    summary: 'open a shell as a sandbox',
    group: USING,
    examples: ['km shell sb-1a2b3c4d', 'km shell sb-1a2b3c4d --local'],
    load: () => import('./shell.ts'),
  },
  {
    usage: 'token <id>',
    summary: 'print a current token (the only command that prints a secret)',
    group: USING,
    options: [['--owner <owner>', 'the account whose token (default: the first in the profile)']],
    examples: ['km token sb-1a2b3c4d', 'km token sb-1a2b3c4d --owner my-org'],
    load: () => import('./token.ts'),
  },
  {
    usage: 'install-script <id>',
    summary: 'print what sets git up in an instance, container or image',
    group: USING,
    options: [['--format <format>', 'sh, cloud-init or dockerfile (default: sh)']],
    examples: [
      'km install-script sb-1a2b3c4d | sudo bash',
      'km install-script sb-1a2b3c4d --format cloud-init',
    ],
    load: () => import('./install-script.ts'),
  },
  {
    usage: 'validate <files...>',
    summary: 'check profiles, without any cloud',
    group: SETUP,
    cloud: false,
    examples: ['km validate examples/profile.yaml', 'km validate profiles/*.yaml --json'],
    load: () => import('./validate.ts'),
  },
  {
    usage: 'bootstrap',
    summary: 'deploy the platform stack to AWS',
    group: SETUP,
    options: [['--plan', 'show what would change and change nothing']],
    examples: ['km bootstrap --plan', 'km bootstrap'],
    load: () => import('./bootstrap.ts'),
  },
  {
    usage: 'local',
    summary: 'a local AWS and GitHub on loopback, without accounts',
    group: SETUP,
    commands: localCommands(),
  },
];

function localCommands(): readonly CommandSpec[] {
  const state = [
    '--state <dir>',
    'its state directory (default: $KM_LOCAL_STATE, or one in your home)',
  ] as const;
  const load = () => import('./local.ts');
  return [
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
}
