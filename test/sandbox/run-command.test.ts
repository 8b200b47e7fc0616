import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand } from '../../lib/sandbox/run-command.ts';

const run = (onTerminal: boolean, ...command: string[]) =>
  runCommand({ command, env: { PATH: process.env.PATH }, cwd: tmpdir(), onTerminal });

/** The test runner's own handlers must not see the signals that the tests send. */
let others: NodeJS.SignalsListener[];

beforeEach(() => {
  others = process.listeners('SIGINT');
  for (const listener of others) process.off('SIGINT', listener);
});

afterEach(() => {
  for (const listener of others) process.on('SIGINT', listener);
});

test.each([
  [0, ['true']],
  [7, ['bash', '-c', 'exit 7']],
  [143, ['bash', '-c', 'kill -TERM $$']],
])('the exit code is the command’s own: %i', async (code, command) => {
  expect(await run(false, ...command)).toBe(code);
});

test('a command that is not there is bad usage', async () => {
  await expect(run(false, 'no-such-command')).rejects.toMatchObject({ code: 'ErrUsage' });
});

test('a signal from elsewhere is passed on', async () => {
  const ended = run(false, 'bash', '-c', 'trap "exit 9" INT; kill -INT $PPID; sleep 5 & wait');
  expect(await ended).toBe(9);
});

test('a Ctrl-C of the terminal, which the command gets itself, ends neither this process nor is sent twice', async () => {
  const ended = run(true, 'bash', '-c', 'trap "exit 9" INT; kill -INT $PPID; sleep 0.3; exit 4');
  expect(await ended).toBe(4);
});
