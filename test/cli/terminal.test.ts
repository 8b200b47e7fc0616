import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { reportError } from '../../lib/cli/report-error.ts';
import { Terminal } from '../../lib/cli/terminal.ts';
import { KmError } from '../../lib/errors.ts';

/** A terminal whose two streams can be read, and take colour or not. */
function scene(colour = false) {
  const said = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof said) => {
    const through = new PassThrough();
    through.on('data', (chunk) => {
      said[name] += chunk;
    });
    return Object.assign(through, {
      isTTY: colour,
      getColorDepth: () => (colour ? 8 : 1),
      hasColors: () => colour,
    });
  };
  const streams = { stdin: process.stdin, stdout: stream('stdout'), stderr: stream('stderr') };
  return { said, terminal: new Terminal(streams as unknown as ConstructorParameters<typeof Terminal>[0]) };
}

const ATTACKS = [
  ['clears the screen', 'a\u001b[2Jb'],
  ['sets the title', 'a\u001b]0;owned\u0007b'],
  ['writes to the clipboard', 'a\u001b]52;c;ZWNobw==\u0007b'],
  ['hides what follows', 'a\u001b[8mb'],
  ['goes back over the line', 'a\rb'],
  ['deletes backwards', 'a\u0008b'],
  ['begins a sequence with one 8-bit control', 'a\u009b2Jb'],
  ['turns the direction of writing', 'a\u202eb'],
  ['ends a line elsewhere', 'a\u2028b'],
] as const;

test.each(ATTACKS)('text from AWS or GitHub that %s is shown, not obeyed', (_what, text) => {
  const { said, terminal } = scene();
  terminal.result(text);
  terminal.progress(text);
  terminal.warn(text);
  terminal.error(text);
  reportError(new KmError('ErrSandboxFailed', text, { remedy: text }), terminal, {
    json: false,
    verbose: true,
  });
  reportError(new KmError('ErrSandboxFailed', text, { remedy: text }), terminal, {
    json: true,
    verbose: false,
  });
  expect(`${said.stdout}${said.stderr}`).not.toMatch(/(?!\n)[\p{Cc}\u2028\u202e]/u);
  expect(said.stdout).toMatch(/^a.*b\n$/);
});

test.each(ATTACKS)('text that %s stands in JSON as an escape, and comes back whole', (_what, text) => {
  const { said, terminal } = scene();
  terminal.json({ [text]: text });
  expect(said.stdout).not.toMatch(/(?!\n)[\p{Cc}\u2028\u202e]/u);
  expect(JSON.parse(said.stdout)).toEqual({ [text]: text });
});

test('a line of a result or of progress stays one line, so that nothing in it can pass for another', () => {
  const { said, terminal } = scene();
  terminal.result('profile\n  health  healthy');
  terminal.progress('✗ Key: it failed\n  ✓ GitHubToken');
  expect(said.stdout.trimEnd()).not.toContain('\n');
  expect(said.stderr.trimEnd()).not.toContain('\n');
});

test('a message may have several lines', () => {
  const { said, terminal } = scene();
  terminal.error('one\n\ttwo');
  expect(said.stderr).toBe('one\n\ttwo\n');
});

test("km's own colours stay, and what is coloured cannot bring other sequences", () => {
  const { said, terminal } = scene(true);
  terminal.result(terminal.style('bold', 'a\u001b[2Jb'));
  expect(said.stdout).toBe('\u001b[1ma?[2Jb\u001b[22m\n');
});
