import type { CommandSpec } from './command-spec.ts';

const WATCHING = 'Watching:';

const EVENTS_OPTIONS = [
  ['--since <time>', 'from then on: 10m, 2h or 2026-11-20T10:00:00Z (default: 1d)'],
  ['-f, --follow', 'go on as events come'],
  ['--limit <count>', 'the last so many only (default: all); with --follow, to begin with'],
] as const;

/** What shows what goes on. */
export const WATCH_COMMANDS: readonly CommandSpec[] = [
  {
    usage: 'top',
    summary: 'watch the fleet, the oldest token first',
    group: WATCHING,
    options: [
      ['--interval <duration>', 'look again after this long (default: 5s)'],
      ['--once', 'look once'],
    ],
    examples: ['km top', 'km top --interval 30s', "km top --once --json | jq '.sandboxes[0]'"],
    load: () => import('./top.ts'),
  },
  {
    usage: 'logs <id>',
    summary: 'show what the refresher did for a sandbox, and why it failed (km otel ID --events)',
    group: WATCHING,
    options: EVENTS_OPTIONS,
    examples: [
      'km logs sb-1a2b3c4d --since 2h',
      'km logs sb-1a2b3c4d --follow',
      'km logs sb-1a2b3c4d --json',
    ],
    load: () => import('./logs.ts'),
  },
  {
    usage: 'otel <id>',
    summary: 'the same as km logs',
    group: WATCHING,
    options: [['--events', "the refresher's events, which is what there is to see"], ...EVENTS_OPTIONS],
    examples: ['km otel sb-1a2b3c4d --events', 'km otel sb-1a2b3c4d --events --follow'],
    load: () => import('./logs.ts'),
  },
];
