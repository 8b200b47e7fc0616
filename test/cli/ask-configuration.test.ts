import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { type Asking, askConfiguration } from '../../lib/cli/ask-configuration.ts';
import type { Terminal } from '../../lib/cli/terminal.ts';

test('what is stored is shown where it is asked for, and gives the terminal no orders', async () => {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 100, rows: 40 });
  let said = '';
  stderr.on('data', (chunk) => {
    said += chunk;
    if (said.includes('owned')) stdin.end();
  });
  const asking = {
    given: {},
    stored: { host: 'ghe.test\u001b]0;owned\u0007\u202e', installations: new Map() },
  } as unknown as Asking;
  const terminal = { streams: { stdin, stderr } } as unknown as Terminal;
  await expect(askConfiguration(terminal, asking)).rejects.toThrow('Nothing was written');
  expect(said).toContain('ghe.test?]0;owned??');
  for (const order of ['\u001b]', '\u0007', '\u202e']) expect(said).not.toContain(order);
});
