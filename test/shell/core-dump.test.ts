import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from './scripts.ts';
import { KEYS, tokenReader } from './token-reader.ts';

const reader = tokenReader();
/** Where the hard limit is 0, nothing could be shown. */
const canDump = spawnSync('/bin/bash', ['-c', 'ulimit -Hc'], { encoding: 'utf8' }).stdout !== '0\n';

test.runIf(canDump)(
  'what holds the token or the credentials leaves no core dump of them, also where core dumps are on',
  async () => {
    const folder = reader.tools(['bash', 'date', 'sleep', 'timeout']);
    const curl = join(folder, 'curl');
    const limit = join(reader.place.root, 'limit');
    writeFileSync(curl, `#!/bin/bash\nulimit -Sc >'${limit}'\nexit 7\n`);
    chmodSync(curl, 0o755);
    const script = `ulimit -Sc "$(ulimit -Hc)"; ulimit -Sc; exec ${reader.place.scripts}/km-github-token my-user`;
    const ran = await run('/bin/bash', ['-c', script], {
      env: { ...KEYS, HOME: reader.place.home, PATH: folder },
    });
    expect(ran.status).toBe(1);
    expect(ran.stdout).not.toBe('0\n');
    expect(readFileSync(limit, 'utf8')).toBe('0\n');
  },
);
