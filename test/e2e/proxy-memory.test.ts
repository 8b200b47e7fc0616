import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProxiedSandbox } from './proxy-scene.ts';

let sandbox: ProxiedSandbox;
beforeAll(async () => {
  sandbox = await ProxiedSandbox.start();
});
afterAll(() => sandbox[Symbol.asyncDispose]());

test('a command cannot have the proxy that runs it open a debugger, which would show its memory to anyone', async () => {
  // The proxy is the parent of the command; once it has answered, it has been through the signal.
  const { code, stdout, stderr } = await sandbox.sh(`
    grep -q 'exec' /proc/$PPID/cmdline || exit 3
    for again in 1 2 3; do kill -USR1 $PPID; curl -sS https://api.github.com/meta >answer || exit 4; sleep 0.2; done
    echo alive`);
  expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: 'alive' });
  expect(stderr).not.toMatch(/debugger/i);
});
