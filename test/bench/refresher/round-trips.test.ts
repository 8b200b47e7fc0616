import { expect, test } from 'vitest';
import { startFakeServices } from './fake-services.ts';
import { bundlePath, runFunction } from './measure-refresher.ts';

/** Any request that GitHub answers a token of any scope. */
const PROOFS = /^GET \/(?:installation\/repositories|rate_limit)\b/;
const VERIFY = 'verify';

/** What the bundle asks in a first refresh and some more; with several owners, each waits for the others at every step. */
const requestsOf = async (owners: readonly string[], more: number): Promise<readonly string[]> => {
  await using services = await startFakeServices({ owners, together: owners.length });
  const repos = owners.map((owner) => `${owner}/repo`);
  await runFunction({ url: services.url, file: bundlePath, warmUp: more, refreshes: 0, repos });
  return services.take().map((name) => (PROOFS.test(name) ? VERIFY : name));
};

const mint = (installation: number): string => `POST /app/installations/${installation}/access_tokens`;

const WRITE = 'SSM PutParameter';
/** Sees that the token stands: docs/decisions/newest-token-stands.md. */
const SETTLE = 'SSM GetParameterHistory';

const COLD = ['SSM GetParameters', 'GET /app/installations/1', mint(1), VERIFY, WRITE, SETTLE];

test('a cold refresh has one round trip to read, and one each to resolve, mint, verify, write and settle', async () => {
  expect(await requestsOf(['my-org'], 0)).toEqual(COLD);
});

test('a warm refresh has one round trip each to mint, verify, write and settle', async () => {
  expect(await requestsOf(['my-org'], 1)).toEqual([...COLD, mint(1), VERIFY, WRITE, SETTLE]);
});

test('two owners are refreshed side by side, and read together', async () => {
  const [read, ...requests] = await requestsOf(['my-org', 'my-user'], 1);
  expect(read).toBe('SSM GetParameters');
  const pairs = Array.from({ length: requests.length / 2 }, (_, index) =>
    requests.slice(2 * index, 2 * index + 2).sort(),
  );
  const each = [
    [mint(1), mint(2)],
    [VERIFY, VERIFY],
    [WRITE, WRITE],
    [SETTLE, SETTLE],
  ];
  expect(pairs).toEqual([['GET /app/installations/1', 'GET /app/installations/2'], ...each, ...each]);
});

test.each([
  ['InvalidKeyId', 'ErrSandboxKeyUnknown'],
  ['ParameterLimitExceeded', 'ErrParameterWriteFailed'],
])('an error that the bundle has no class for keeps its name: %s is %s', async (refusal, code) => {
  await using services = await startFakeServices({ owners: ['my-org'], refusal });
  const run = runFunction({
    url: services.url,
    file: bundlePath,
    warmUp: 0,
    refreshes: 0,
    repos: ['my-org/repo'],
  });
  await expect(run).rejects.toThrow(code);
});
