import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DoctorScene } from './doctor-scene.ts';
import { type Result, type RunOptions, root } from './harness.ts';
import { hasPseudoTerminals, onTerminal } from './pseudo-terminal.ts';

const ESCAPE = '\u001b';
const SECRET = /ghs_[A-Za-z0-9._-]{20,}|PRIVATE KEY/;

interface LoggedEvent {
  readonly time: string;
  readonly event: string;
  readonly owner?: string;
  readonly code?: string;
  readonly request_id: string;
  readonly sandbox_id: string;
  readonly explanation?: { readonly cause: string; readonly remedy: string };
}

let scene: DoctorScene;
let id: string;

/** Runs a command that must end well and show no secret. */
async function km(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  const result = await scene.world.local(args, options);
  expect(result).toMatchObject({ code: 0 });
  expect(result.stdout + result.stderr).not.toMatch(SECRET);
  return result;
}

const lines = (text: string): string[] => text.trimEnd().split('\n');

const events = async (args: readonly string[] = []): Promise<LoggedEvent[]> =>
  lines((await km(['logs', id, '--json', ...args])).stdout).map((line) => JSON.parse(line));

beforeAll(async () => {
  scene = await DoctorScene.start();
  const profile = join(root, 'examples', 'profile.yaml');
  ({ id } = await scene.world.json<{ id: string }>(['create', profile]));
  // Another sandbox's events and row are not this one's.
  await scene.world.json(['create', profile]);
});

afterAll(() => scene[Symbol.asyncDispose]());

describe('km logs', () => {
  test("tells this sandbox's events only, in order, one invocation by its id", async () => {
    const all = await events();
    expect(all.map(({ event }) => event)).toEqual(['token_generated', 'token_generated', 'stack_answered']);
    expect(new Set(all.map(({ sandbox_id }) => sandbox_id))).toEqual(new Set([id]));
    expect(new Set(all.map(({ request_id }) => request_id)).size).toBe(1);
    const times = all.map(({ time }) => time);
    expect(times).toEqual(times.toSorted());
  });

  test('is what km otel --events shows too', async () => {
    const logs = await km(['logs', id]);
    expect(await km(['otel', id, '--events'])).toEqual(logs);
    expect(logs.stdout).toMatch(/^\S+Z {2}minted {10}my-user {2}my-repo {2}contents:write metadata:read/);
  });

  test('--limit tells the newest, --since what came then, and nothing is no error', async () => {
    expect((await events(['--limit', '1'])).map(({ event }) => event)).toEqual(['stack_answered']);
    const later = await km(['logs', id, '--since', '2099-01-01']);
    expect(later.stdout).toBe('');
    expect(later.stderr).toContain(`No event of ${id} since 2099-01-01`);
  });

  test('--follow shows a new event as it comes, until Ctrl-C', async () => {
    let refreshing: Promise<unknown> | undefined;
    let stopped = false;
    const { code, stdout, stderr } = await scene.world.local(['logs', id, '--follow', '--limit', '1'], {
      onOutput: (said, kill) => {
        if (said.includes('stack create')) refreshing ??= scene.world.local(['refresh', id]);
        if (said.match(/minted/g)?.length === 2 && !stopped) kill('SIGINT');
        stopped ||= said.match(/minted/g)?.length === 2;
      },
    });
    await refreshing;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(lines(stdout).map((line) => line.split(/ {2,}/)[1])).toEqual(['stack create', 'minted', 'minted']);
  });

  test('a refresh that fails for a suspended installation is explained, with the remedy that then mends it', async () => {
    await scene.onGitHub('PATCH', '/installations/my-org', { suspended: true });
    await scene.world.local(['local', 'advance', '41m']);
    const failed = (await events(['--since', '40m'])).filter(({ owner }) => owner === 'my-org');
    expect(failed.map(({ event, code }) => [event, code])).toEqual(
      expect.arrayContaining([
        ['token_generation_failed', 'ErrGitHubInstallationSuspended'],
        ['permanent_failure', 'ErrGitHubInstallationSuspended'],
      ]),
    );
    for (const { explanation } of failed) {
      expect(explanation?.cause).toContain('my-org');
      expect(explanation?.remedy).toContain(`km refresh ${id}`);
    }

    const { stdout } = await km(['logs', id, '--since', '40m']);
    const text = lines(stdout);
    const at = text.findIndex((line) => line.includes('refresh failed'));
    expect(text[at]).toMatch(/my-org {2}.*is suspended \(ErrGitHubInstallationSuspended\)$/);
    expect(text[at + 1]).toMatch(/^ +An owner of my-org, or GitHub, suspended/);
    expect(text[at + 2]).toMatch(/^ +→ Unsuspend it in the installation's settings.* Then km refresh sb-/);
    expect(text.filter((line) => line.includes('→'))).toHaveLength(1);
    expect(text.some((line) => /minted +my-user/.test(line))).toBe(true);

    await scene.onGitHub('PATCH', '/installations/my-org', { suspended: false });
    await km(['refresh', id]);
    expect((await events(['--limit', '2'])).map(({ event }) => event)).toEqual([
      'token_generated',
      'token_generated',
    ]);
  });

  test.each([
    [['logs', 'nonsense'], "'nonsense' is not a sandbox id"],
    [['logs', 'sb-1234abcd', '--since', 'soon'], "--since 'soon' is neither"],
    [['logs', 'sb-1234abcd', '--limit', '0'], "--limit '0' is no number"],
    [['top', '--interval', '0s'], "--interval '0s' is no duration"],
  ])('km %j is bad usage', async (args, message) => {
    const result = await scene.world.local(args);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain(message);
  });
});

describe('km top', () => {
  interface Fleet {
    readonly time: string;
    readonly sandboxes: readonly { id: string; health: string; tokens: readonly { mintedAt: string }[] }[];
  }

  test('--once --json has the oldest token first, on one line', async () => {
    const { stdout } = await km(['top', '--once', '--json']);
    expect(lines(stdout)).toHaveLength(1);
    const { sandboxes } = JSON.parse(stdout) as Fleet;
    const oldest = sandboxes.map(({ tokens }) => tokens.map(({ mintedAt }) => mintedAt).toSorted()[0]);
    expect(oldest).toHaveLength(2);
    expect(oldest).toEqual(oldest.toSorted());
    expect(sandboxes.at(-1)?.id).toBe(id);
  });

  test('without a terminal is a plain table after the other, until it is ended', async () => {
    let stopped = false;
    const { stdout, code } = await scene.world.local(['top', '--interval', '1s'], {
      onOutput: (said, kill) => {
        if (said.match(/2 sandboxes/g)?.length === 2 && !stopped) kill('SIGTERM');
        stopped ||= said.match(/2 sandboxes/g)?.length === 2;
      },
    });
    expect(code).toBe(0);
    expect(stdout).not.toContain('\u001b');
    expect(stdout.match(/^ID +PROFILE +TOKEN AGE/gm)?.length).toBeGreaterThanOrEqual(1);
  });

  test.skipIf(!hasPseudoTerminals)(
    'on a terminal is drawn in place, follows the window and the fleet, and gives the terminal back at Ctrl-C',
    async () => {
      const { world } = scene;
      await using terminal = await onTerminal(world, ['top', '--interval', '1s', '--state', world.state]);
      await terminal.shows(/Ctrl-C ends it/);
      await terminal.resize({ rows: 10, columns: 30 });
      // The heading, cut to the narrower window.
      await terminal.shows(new RegExp(`TOKEN A${ESCAPE}\\[22m`));
      await terminal.resize({ rows: 10, columns: 100 });
      await world.json(['pause', id]);
      await terminal.shows(new RegExp(`${ESCAPE}\\[2msb-\\S+ +\\S+ +- +- +paused`));
      const { code, before, after, said } = await terminal.ctrlC();
      expect(code).toBe(0);
      expect(after).toBe(before);
      expect(said).not.toMatch(SECRET);
      const screen = said.slice(said.indexOf('\u001b[?1049h'));
      expect(screen.startsWith('\u001b[?1049h\u001b[?25l\u001b[H')).toBe(true);
      expect(screen.trimEnd().endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
      await world.json(['resume', id]);
    },
  );
});
