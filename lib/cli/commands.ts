import type { CommandSpec } from './command-spec.ts';
import { CONFIGURE_COMMANDS } from './configure-commands.ts';
import { GITHUB_COMMANDS, GITHUB_SETUP_OPTIONS } from './github-commands.ts';
import { lifecycleCommands } from './lifecycle-commands.ts';
import { LOCAL_COMMANDS } from './local-commands.ts';
import { PROXY_COMMANDS, PROXY_OPTIONS } from './proxy-commands.ts';
import { WATCH_COMMANDS } from './watch-commands.ts';

const SANDBOXES = 'Sandboxes:';
const USING = 'Working in a sandbox:';
const SETUP = 'Setting up:';

const PROXIED = ['--proxy', 'behind the egress proxy, without any credential'] as const;

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
  ...lifecycleCommands(SANDBOXES),
  {
    usage: 'destroy [ids...]',
    summary: 'revoke the tokens and remove everything of a sandbox',
    group: SANDBOXES,
    options: [['--all', 'every sandbox'], ['--yes', 'do not ask'], STANDARD],
    examples: ['km destroy sb-1a2b3c4d', 'km destroy --all --yes'],
    load: () => import('./destroy.ts'),
  },
  ...WATCH_COMMANDS,
  {
    usage: 'exec <id> <command...>',
    summary: 'run a command as a sandbox; write it after --',
    group: USING,
    options: [PROXIED],
    examples: [
      'km exec sb-1a2b3c4d -- git clone https://github.com/my-user/my-repo',
      "km exec sb-1a2b3c4d --proxy -- bash -c 'cd my-repo && git push'",
    ],
    load: () => import('./exec.ts'),
  },
  {
    usage: 'shell <id>',
    summary: 'open a shell as a sandbox',
    group: USING,
    options: [PROXIED],
    examples: ['km shell sb-1a2b3c4d', 'km shell sb-1a2b3c4d --proxy --local'],
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
    options: [
      [
        '--format <format>',
        'sh, cloud-init or dockerfile; with --proxy sh, cloud-init or sidecar (default: sh)',
      ],
      ['--proxy', 'the egress proxy instead, and no way around it'],
    ],
    examples: [
      'km install-script sb-1a2b3c4d | sudo bash',
      'km install-script sb-1a2b3c4d --format cloud-init',
      'km install-script sb-1a2b3c4d --proxy --format sidecar',
    ],
    load: () => import('./install-script.ts'),
  },
  {
    usage: 'proxy',
    summary: 'the egress proxy: GitHub, and of it only what the profile names',
    group: USING,
    options: PROXY_OPTIONS,
    examples: [
      'km proxy --sandbox sb-1a2b3c4d --listen 127.0.0.1:3128',
      'km proxy --profile examples/profile.yaml',
      'km proxy log sb-1a2b3c4d --denied',
    ],
    load: () => import('./proxy.ts'),
    commands: PROXY_COMMANDS,
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
    usage: 'doctor [ids...]',
    summary: 'check everything that km needs, and say how to mend what is wrong',
    group: SETUP,
    options: [
      ['--probe', 'also prove on a repo that a token reads, writes nothing, and dies when it is revoked'],
      ['--repo <owner/name>', 'the repo of --probe (default: the first that a sandbox names)'],
      ['--fix', 'remove what sandboxes left behind, and enable their schedules'],
      ['--yes', 'do not ask'],
    ],
    examples: ['km doctor', 'km doctor sb-1a2b3c4d --json', 'km doctor --probe --repo my-org/my-repo'],
    load: () => import('./doctor.ts'),
  },
  {
    usage: 'bootstrap',
    summary: 'deploy the platform stack to AWS',
    group: SETUP,
    options: [
      ['--plan', 'show what would change and change nothing'],
      ['--alarm-email <address>', 'mail alarms there (none: nowhere; default: as before)'],
    ],
    examples: ['km bootstrap --plan', 'km bootstrap --alarm-email ops@example.com'],
    load: () => import('./bootstrap.ts'),
  },
  {
    usage: 'github',
    summary: 'set the GitHub App up, in the browser',
    group: SETUP,
    administrator: true,
    options: GITHUB_SETUP_OPTIONS,
    examples: ['km github', 'km github --org my-org --permissions comment,review'],
    load: () => import('./github.ts'),
    commands: GITHUB_COMMANDS,
  },
  {
    usage: 'configure',
    summary: 'store what the platform works with',
    group: SETUP,
    examples: ['km configure github', 'km help configure github'],
    commands: CONFIGURE_COMMANDS,
  },
  {
    usage: 'completion <shell>',
    summary: 'print the completion script of bash, zsh or fish',
    group: SETUP,
    cloud: false,
    examples: ['eval "$(km completion bash)"', 'km completion fish | source'],
    load: () => import('./completion.ts'),
  },
  {
    usage: 'local',
    summary: 'a local AWS and GitHub on loopback, without accounts',
    group: SETUP,
    examples: ['km local up', 'km local advance 46m'],
    commands: LOCAL_COMMANDS,
  },
];
