import { expect, test } from 'vitest';
import { readRateLimit } from '../../lib/github/rate-limit.ts';
import { readResponse } from '../../lib/github/request.ts';

const FULL = {
  'x-ratelimit-limit': '5000',
  'x-ratelimit-remaining': '4999',
  'x-ratelimit-reset': '1795172400',
};

test.each<[string, Record<string, string>, unknown]>([
  ['as GitHub tells it', FULL, { limit: 5000, remaining: 4999, resetMs: 1_795_172_400_000 }],
  [
    'used up',
    { ...FULL, 'x-ratelimit-remaining': '0' },
    { limit: 5000, remaining: 0, resetMs: 1_795_172_400_000 },
  ],
  ['without any header', {}, undefined],
  ['without the limit', { ...FULL, 'x-ratelimit-limit': '' }, undefined],
  ['that is no number', { ...FULL, 'x-ratelimit-remaining': 'many' }, undefined],
])('a rate limit %s is read', async (_, headers, expected) => {
  expect(readRateLimit(await readResponse(new Response('{}', { headers })))).toEqual(expected);
});
