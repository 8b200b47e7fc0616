import { afterEach, describe, expect, test } from 'vitest';
import { openScreen } from '../../lib/cli/live-screen.ts';
import { picture, readInterval } from '../../lib/cli/top.ts';
import type { ListedSandbox } from '../../lib/sandbox/list-sandboxes.ts';
import type { FleetView } from '../../lib/sandbox/watch-fleet.ts';
import { terminalScene } from './terminal-scene.ts';

const NOW = Date.parse('2026-11-20T10:00:00Z');
const MINUTE = 60_000;
const at = (minutes: number): string => new Date(NOW + minutes * MINUTE).toISOString();

const listed = (id: string, more: Partial<ListedSandbox> = {}): ListedSandbox =>
  ({
    id,
    profile: 'my-profile',
    health: 'healthy',
    stackStatus: 'CREATE_COMPLETE',
    createdAt: 0,
    owners: ['my-user'],
    tokens: [{ owner: 'my-user', mintedAt: at(-10), expiresAt: at(50) }],
    ...more,
  }) as ListedSandbox;

const FLEET: FleetView = {
  at: NOW,
  sandboxes: [
    listed('sb-00000001', {
      health: 'failing',
      owners: ['my-org', 'my-user'],
      tokens: [
        {
          owner: 'my-org',
          mintedAt: at(-50),
          expiresAt: at(10),
          failure: { code: 'ErrGitHubInstallationSuspended', at: at(-5) },
        },
      ] as unknown as ListedSandbox['tokens'],
    }),
    listed('sb-00000002'),
    listed('sb-00000003', { health: 'paused', tokens: [] }),
    listed('sb-00000004', { health: 'failed', tokens: [], stackStatus: 'ROLLBACK_COMPLETE', owners: [] }),
  ],
};

const draw = (view: FleetView, columns = 120, rows = 24): readonly string[] =>
  picture(view, terminalScene().terminal)({ columns, rows });

describe('the picture', () => {
  test('shows each sandbox with its token, state and failure', () => {
    expect(draw(FLEET)).toEqual([
      'km top  2026-11-20T10:00:00Z  4 sandboxes  1 failing  1 healthy  1 paused  1 failed  oldest token 50m',
      'ID           PROFILE     TOKEN AGE  EXPIRES IN  STATE    OWNERS          FAILURE',
      'sb-00000001  my-profile  50m        10m         failing  my-org,my-user  my-org: ErrGitHubInstallationSuspended for 5m',
      'sb-00000002  my-profile  10m        50m         healthy  my-user',
      'sb-00000003  my-profile  -          -           paused   my-user',
      'sb-00000004  my-profile  -          -           failed   -               ROLLBACK_COMPLETE',
      'Ctrl-C ends it',
    ]);
  });

  test.each([
    [80, 24],
    [40, 10],
    [20, 5],
    [10, 3],
    [1, 1],
    [200, 2],
  ])('fits %i columns and %i rows', (columns, rows) => {
    const many = { ...FLEET, sandboxes: Array.from({ length: 50 }, (_, index) => listed(`sb-${index}`)) };
    const lines = draw(many, columns, rows);
    expect(lines.length).toBeLessThanOrEqual(rows);
    for (const line of lines) expect(line.length).toBeLessThan(columns);
  });

  test('says how many do not fit', () => {
    expect(draw(FLEET, 80, 5).at(-1)).toBe('2 more   Ctrl-C ends it');
  });

  test('says that it is not up to date, and why', () => {
    expect(draw({ ...FLEET, problem: new Error('throttled') })[1]).toBe('not up to date: throttled');
  });

  test('shows what would move the cursor, and does not obey it', () => {
    const sandboxes = [listed('sb-00000001', { profile: 'a\u001b[2J\u001b[31m\nb', owners: ['\u202ex'] })];
    const line = draw({ ...FLEET, sandboxes })[2];
    expect(line).toContain('a?[2J?[31m?b');
    expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
  });
});

describe('on a terminal', () => {
  const opened: { close(): void }[] = [];
  afterEach(() => {
    for (const screen of opened.splice(0)) screen.close();
  });

  const open = () => {
    const scene = terminalScene(true);
    const screen = openScreen(scene.terminal);
    opened.push(screen);
    const taken = (): string => {
      const text = scene.said.stdout;
      scene.said.stdout = '';
      return text;
    };
    return { ...scene, screen, taken };
  };

  test('each picture is drawn over the one before, line by line', () => {
    const { screen, taken } = open();
    expect(taken()).toBe('\u001b[?1049h\u001b[?25l');
    screen.draw(() => ['one', 'two']);
    expect(taken()).toBe('\u001b[H\u001b[2Kone\n\u001b[2Ktwo\u001b[J');
    screen.draw(() => ['three']);
    expect(taken()).toBe('\u001b[H\u001b[2Kthree\u001b[J');
  });

  test('a window of another size gets its own picture at once', () => {
    const { screen, stdout, taken } = open();
    screen.draw(({ columns, rows }) => [`${columns}x${rows}`]);
    taken();
    Object.assign(stdout, { columns: 40, rows: 10 });
    stdout.emit('resize');
    expect(taken()).toBe('\u001b[H\u001b[2K40x10\u001b[J');
  });

  test('after Ctrl-Z and fg it is drawn again', () => {
    const { screen, taken } = open();
    screen.draw(() => ['one']);
    taken();
    process.emit('SIGCONT');
    expect(taken()).toBe('\u001b[?1049h\u001b[?25l\u001b[H\u001b[2Kone\u001b[J');
  });

  test('the terminal is given back as it was, and nothing is left that would draw', () => {
    const before = ['SIGTSTP', 'SIGCONT', 'exit'].map((name) => process.listenerCount(name));
    const { screen, stdout, taken } = open();
    screen.draw(() => ['one']);
    taken();
    screen.close();
    expect(taken()).toBe('\u001b[?25h\u001b[?1049l');
    stdout.emit('resize');
    expect(taken()).toBe('');
    expect(['SIGTSTP', 'SIGCONT', 'exit'].map((name) => process.listenerCount(name))).toEqual(before);
  });
});

test.each([
  ['5s', 5_000],
  ['2m', 120_000],
  [undefined, 5_000],
])('--interval %s is %i ms', (text, ms) => {
  expect(readInterval(text)).toBe(ms);
});

test.each(['0s', '5', 'soon', ''])("--interval '%s' is bad usage", (text) => {
  expect(() => readInterval(text)).toThrow(expect.objectContaining({ code: 'ErrUsage' }));
});
