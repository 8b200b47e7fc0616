import { expect, test } from 'vitest';
import { resourceNames } from '../../lib/broker/names.ts';
import type { SandboxContext } from '../../lib/sandbox/context.ts';
import { invokeRefresher } from '../../lib/sandbox/invoke-refresher.ts';

const answering = (payload: unknown): SandboxContext => ({
  names: resourceNames(),
  region: 'eu-west-1',
  client: <Client>() =>
    ({
      send: async () => ({
        FunctionError: 'Unhandled',
        Payload: { transformToString: () => JSON.stringify(payload) },
      }),
    }) as Client,
  now: async () => 0,
  sleep: async () => undefined,
  randomBytes: (count) => Buffer.alloc(count),
});

test.each([
  ['ErrGitHubNotConfigured', 'ErrGitHubNotConfigured'],
  ['Runtime.ExitError', 'ErrRefreshFailed'],
  // What every object inherits is no code, and would have no exit code: the command would end with 0.
  ['constructor', 'ErrRefreshFailed'],
  ['toString', 'ErrRefreshFailed'],
  [undefined, 'ErrRefreshFailed'],
])('a refresher that fails with %s is reported as %s', async (errorType, code) => {
  const failed = invokeRefresher(answering({ errorType, errorMessage: 'it failed' }), {});
  await expect(failed).rejects.toThrow(expect.objectContaining({ code }));
});
