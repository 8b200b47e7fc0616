import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root, run } from './harness.ts';

/** A Node of the machine that is older than the one that came with the packages. */
async function olderNode(): Promise<string | undefined> {
  for (const path of ['/usr/bin/node', '/usr/local/bin/node']) {
    if (!existsSync(path)) continue;
    const { stdout } = await run(path, ['--version']);
    if (Number.parseInt(stdout.slice(1), 10) < 24) return path;
  }
  return undefined;
}

const node = await olderNode();

test.skipIf(node === undefined)(
  'under an older Node of the machine km runs itself with the one that npm ci brought',
  async () => {
    const km = join(root, 'dist', 'km.js');
    const env = { PATH: '/usr/bin:/bin' };
    expect(await run(node ?? '', [km, '--version'], { env })).toMatchObject({ code: 0, stdout: '0.1.0\n' });
    expect(await run(node ?? '', [km, 'destroy'], { env })).toMatchObject({ code: 2 });
  },
);
