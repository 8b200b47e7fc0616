import { expect, test } from 'vitest';
import { orphans } from '../../lib/doctor/checks/orphans.ts';
import { denied, healthyFacts, names, token } from './healthy-facts.ts';
import { checkTable } from './run-table.ts';

const GONE = 'sb-0000dead';
const FIX = /^km doctor --fix/;

checkTable(orphans, [
  [
    'a schedule',
    { schedules: async () => new Map([[names.schedule(GONE), 'ENABLED']]) },
    ['fail', /km-github-token-sb-0000dead goes on/, FIX],
  ],
  [
    'a schedule of an end',
    { schedules: async () => new Map([[names.ttlSchedule(GONE), 'ENABLED']]) },
    ['fail', /km-ttl-sb-0000dead goes on/, FIX],
  ],
  ['a key', { aliases: async () => new Map([[names.keyAlias(GONE), 'k']]) }, ['warn', /costs a dollar/, FIX]],
  [
    'a dead token',
    { sandboxParameters: async () => [token(GONE, { minted: -90, expires: -30 })] },
    ['warn', /its token is dead/, FIX],
  ],
  ['a live token', { sandboxParameters: async () => [token(GONE)] }, ['warn', /dies in 50m/, FIX]],
  [
    "what was not km's",
    { sandboxParameters: async () => [{ ...token(GONE), description: '' }] },
    ['warn', /not written by km/, /^aws ssm describe-parameters/],
  ],
  [
    'a time of expiry that is a command as well, which no remedy may hold',
    {
      sandboxParameters: async () => [
        {
          ...token(GONE),
          description: JSON.stringify({
            owner: 'my-user',
            mintedAt: '2020-01-01T00:00:00Z',
            expiresAt: '1 Jan 2100 ($(touch owned))',
          }),
        },
      ],
    },
    ['warn', /not written by km/, /^[^$]+$/],
  ],
  [
    'what is named like none of km',
    {
      schedules: async () =>
        new Map([
          ['mine', 'ENABLED'],
          ['km-github-token-x', 'ENABLED'],
        ]),
    },
    ['ok', /^none$/],
  ],
]);

test('only what nothing can need any more is offered for removal', async () => {
  const withToken = (expires: number) =>
    healthyFacts({
      aliases: async () => new Map([[names.keyAlias(GONE), 'k']]),
      sandboxParameters: async () => [token(GONE, { minted: -90, expires })],
    });
  const offered = async (expires: number) =>
    (await orphans.run(withToken(expires))).map(({ fix }) => fix?.kind);
  expect(await offered(-1)).toEqual(['delete-parameter', 'delete-key']);
  expect(await offered(1)).toEqual([undefined, undefined]);
});

test('a listing that is refused hides no other', async () => {
  const facts = healthyFacts({
    aliases: async () => Promise.reject(denied('kms:ListAliases')),
    schedules: async () => new Map([[names.schedule(GONE), 'ENABLED']]),
  });
  expect(await orphans.run(facts)).toMatchObject([{ status: 'fail', subject: GONE }]);
  const nothing = healthyFacts({ aliases: async () => Promise.reject(denied('kms:ListAliases')) });
  await expect(orphans.run(nothing)).rejects.toThrow('kms:ListAliases');
});
