import { describe, expect, test } from 'vitest';
import { policyText } from './scripts.ts';
import { PARAMETER, printed, refused, TOKEN, tokenReader } from './token-reader.ts';

const reader = tokenReader();

describe('a passing failure is tried again:', () => {
  test.each([
    [400, 'ThrottlingException'],
    [400, 'com.amazonaws.ssm#RequestLimitExceeded'],
    [500, 'InternalServerError'],
    [503, undefined],
  ])('%i %s', async (status, type) => {
    reader.aws.failures.push([status, type ? { __type: type } : {}], [status, type ? { __type: type } : {}]);
    expect(await reader.read(reader.container())).toEqual(printed);
  });

  test('three times and no more', async () => {
    for (let i = 0; i < 4; i += 1) reader.aws.failures.push([400, { __type: 'ThrottlingException' }]);
    expect(await reader.read(reader.container())).toEqual(
      refused('Parameter Store is throttling requests. Try again in a few seconds'),
    );
    expect(reader.aws.failures).toHaveLength(1);
  });
});

describe("the token's age is judged", () => {
  const hours = 3_600_000;

  test.each([
    ['behind', -3 * hours],
    ['ahead of', 3 * hours],
  ])("by the service's clock when this machine's is %s it", async (_, shift) => {
    reader.aws.now -= shift;
    reader.aws.parameters.set(PARAMETER, { value: TOKEN, modified: reader.aws.now / 1000 - 3500 });
    expect(await reader.read(reader.container())).toEqual(printed);
    reader.aws.parameters.set(PARAMETER, { value: TOKEN, modified: reader.aws.now / 1000 - 3602 });
    expect((await reader.read(reader.container())).stderr).toContain('it expired');
  });

  test.each([
    ['whole', (seconds: number) => String(Math.floor(seconds))],
    ['with a fraction', (seconds: number) => seconds.toFixed(3)],
    ['with an exponent', (seconds: number) => `${(seconds / 1e9).toFixed(12)}E9`],
    [
      'with an exponent and few digits',
      (seconds: number) => `${(Math.floor(seconds / 10_000) / 100_000).toFixed(5)}e+9`,
    ],
  ])('from a number %s', async (_, written) => {
    for (const [age, isFresh] of [
      [100, true],
      [3600 + 10_100, false],
    ] as const) {
      // Rounded up to ten thousand seconds, so that cutting digits off makes nothing younger.
      reader.aws.now = Math.ceil(reader.aws.now / 1e7) * 1e7 + 100_000;
      reader.aws.parameters.set(PARAMETER, { value: TOKEN, modified: written(reader.aws.now / 1000 - age) });
      expect((await reader.read(reader.container())).status).toBe(isFresh ? 0 : 1);
    }
  });
});

test.each([`ghs_${'a'.repeat(36)}`, `ghs_123456_${'eyJ.hbG-c_iO'.repeat(60)}`])(
  'a token of either form is printed as it is: %s',
  async (value) => {
    reader.aws.parameters.set(PARAMETER, { value, modified: reader.aws.now / 1000 });
    expect((await reader.read(reader.container())).stdout).toBe(`${value}\n`);
  },
);

test.each([
  'ghs_short',
  `ghp_${'a'.repeat(36)}`,
  `ghs_${'a'.repeat(36)} `,
  `ghs_${'a'.repeat(36)}\nquit=0`,
  `ghs_${'a'.repeat(18)}"${'a'.repeat(18)}`,
  `ghs_${'a'.repeat(4093)}`,
])('what is not a token is not printed: %j', async (value) => {
  reader.aws.parameters.set(PARAMETER, { value, modified: reader.aws.now / 1000 });
  expect(await reader.read(reader.container())).toMatchObject({ status: 1, stdout: '' });
});

test('a name that looks like a value does not stand for the value', async () => {
  const name = '/sandbox/sb-1234abcd/x';
  reader.place.setPolicy(policyText({ ssm: reader.aws.url, tokens: [`my-user ${name}`] }));
  reader.aws.failures.push([
    200,
    {
      Parameter: {
        Name: `"Value":"ghs_${'x'.repeat(36)}"`,
        LastModifiedDate: reader.aws.now / 1000,
        Value: TOKEN,
      },
    },
  ]);
  expect((await reader.read(reader.container())).stdout).toBe(`${TOKEN}\n`);
});
