import type { CommandSpec } from './command-spec.ts';

/** What `km github` takes about the App that is to be made; `km configure github --setup` takes the same. */
export const GITHUB_SETUP_OPTIONS = [
  ['--org <org>', 'make it under this organization (default: whoever is signed in at GitHub)'],
  ['--name <name>', 'its name, at most 34 characters; names are global on GitHub (default: a free one)'],
  [
    '--permissions <list>',
    'more than contents and metadata: verbs (comment,review,…) or permissions (issues:write)',
  ],
  ['--hostname <host>', 'GitHub Enterprise Server or *.ghe.com (default: github.com)'],
  ['--webhook-url <url>', 'have GitHub send events there (default: no webhook)'],
  ['--port <port>', 'port of the page on 127.0.0.1 (default: a free one)'],
  ['--no-open', 'print the address instead of opening the browser'],
  ['--force', 'make another App in the place of the one that is configured'],
] as const;

export const GITHUB_COMMANDS: readonly CommandSpec[] = [
  {
    usage: 'status',
    summary: 'show the App, its owner, permissions, installations, key and signer',
    examples: ['km github status', "km github status --json | jq -r '.installations[].account'"],
    load: () => import('./github-status.ts'),
  },
  {
    usage: 'permissions',
    summary: 'explain each permission: what needs it, and what breaks without it',
    cloud: false,
    examples: ['km github permissions', 'km github permissions --json'],
    load: () => import('./github-permissions.ts'),
  },
];
