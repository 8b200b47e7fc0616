import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readGivenKeyFile } from '../../lib/cli/configure-options.ts';
import type { Invocation } from '../../lib/cli/invocation.ts';
import { PKCS1 } from '../github/test-app.ts';

const given = (chunks: Iterable<string>) =>
  readGivenKeyFile(
    {
      terminal: { streams: { stdin: Readable.from(chunks) }, warn: () => undefined },
    } as unknown as Invocation,
    '-',
  );

test('a key comes from standard input, in pieces', async () => {
  const key = await given([PKCS1.slice(0, 100), PKCS1.slice(100)]);
  expect(key).toMatchObject({ bits: 2048, source: 'standard input' });
});

test('of a standard input that never ends, no more is read than a key takes', async () => {
  let read = 0;
  function* endless() {
    for (; read < 10_000; read += 1) yield 'x'.repeat(10_000);
  }
  await expect(given(endless())).rejects.toThrow(
    'The private key in standard input is far too large to be one',
  );
  expect(read).toBeLessThan(100);
});
