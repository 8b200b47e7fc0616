import { beforeEach, expect, test } from 'vitest';
import { KmError } from '../../lib/errors.ts';
import { type StoredToken, TokenSource } from '../../lib/sandbox/token-source.ts';
import { Secret } from '../../lib/secret.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-20T10:00:00Z');
const MAIN = '/sandbox/sb-1234abcd/github-token';
const OTHER = '/sandbox/sb-1234abcd/github-tokens/my-org';

let now: number;
let reads: string[];
let store: Map<string, StoredToken[]>;
let isDown: boolean;

const put = (parameter: string, token: string): void => {
  const versions = store.get(parameter) ?? [];
  store.set(parameter, [
    ...versions,
    { token: new Secret(token), storedAt: now, version: versions.length + 1 },
  ]);
};

const source = (
  parameters: readonly (readonly [string, string])[] = [
    ['my-user', MAIN],
    ['my-org', OTHER],
  ],
) =>
  new TokenSource({
    parameters: () => new Map(parameters),
    now: async () => now,
    read: async (parameter, version) => {
      reads.push(version === undefined ? parameter : `${parameter}:${version}`);
      const versions = store.get(parameter) ?? [];
      const found = version === undefined ? versions.at(-1) : versions[version - 1];
      if (isDown || found === undefined) throw new KmError('ErrTokenUnreadable', 'not now');
      return found;
    },
  });

const revealed = async (tokens: TokenSource, owner: string): Promise<string | undefined> =>
  (await tokens.token(owner))?.reveal();

beforeEach(() => {
  now = START;
  reads = [];
  store = new Map();
  isDown = false;
  put(MAIN, 'main-1');
  put(OTHER, 'other-1');
});

test('each owner gets its own token, whatever the case, and another owner none', async () => {
  const tokens = source();
  expect(tokens.owners()).toEqual(['my-user', 'my-org']);
  expect(await revealed(tokens, 'My-User')).toBe('main-1');
  expect(await revealed(tokens, 'my-org')).toBe('other-1');
  expect(await tokens.token('evil')).toBeUndefined();
  expect(reads).toEqual([MAIN, OTHER]);
});

test('the token of the only installation serves whatever owner is asked for', async () => {
  expect(await revealed(source([['*', MAIN]]), 'anyone')).toBe('main-1');
});

test('all who ask at once share one read, and those who ask later read nothing', async () => {
  const tokens = source();
  await Promise.all(Array.from({ length: 50 }, () => tokens.token('my-user')));
  now += 54 * MINUTE;
  await tokens.token('my-user');
  expect(reads).toEqual([MAIN]);
});

test('five minutes before it expires, the token that took its place is read', async () => {
  const tokens = source();
  await tokens.token('my-user');
  now += 45 * MINUTE;
  put(MAIN, 'main-2');
  now = START + 54 * MINUTE;
  expect(await revealed(tokens, 'my-user')).toBe('main-1');
  now = START + 55 * MINUTE;
  expect(await revealed(tokens, 'my-user')).toBe('main-2');
});

test('a token that GitHub refused is read anew, at most once in five seconds', async () => {
  const tokens = source();
  await tokens.token('my-user');
  now += MINUTE;
  put(MAIN, 'main-2');
  tokens.forget('my-user');
  expect(await revealed(tokens, 'my-user')).toBe('main-2');
  for (let again = 0; again < 10; again += 1) {
    tokens.forget('my-user');
    await tokens.token('my-user');
  }
  expect(reads).toEqual([MAIN, MAIN]);
});

test('while Parameter Store cannot be read, a token serves to its last minute and not beyond', async () => {
  const tokens = source();
  await tokens.token('my-user');
  isDown = true;
  now = START + 59 * MINUTE;
  expect(await revealed(tokens, 'my-user')).toBe('main-1');
  now = START + 60 * MINUTE;
  await expect(tokens.token('my-user')).rejects.toMatchObject({ code: 'ErrTokenUnreadable' });
});

test('a refused token is not handed out again when it cannot be read anew', async () => {
  const tokens = source();
  await tokens.token('my-user');
  isDown = true;
  now += MINUTE;
  tokens.forget('my-user');
  await expect(tokens.token('my-user')).rejects.toMatchObject({ code: 'ErrTokenUnreadable' });
});

test('an expired token in the store is an error that says so', async () => {
  now += 61 * MINUTE;
  await expect(source().token('my-user')).rejects.toMatchObject({
    code: 'ErrTokenUnreadable',
    message: `The token at ${MAIN} has expired, and no other took its place.`,
  });
});

test('a read that failed is tried again by who asks next', async () => {
  const tokens = source();
  isDown = true;
  await expect(tokens.token('my-user')).rejects.toMatchObject({ code: 'ErrTokenUnreadable' });
  isDown = false;
  expect(await revealed(tokens, 'my-user')).toBe('main-1');
});

test('of the tokens of a sandbox each counts as issued to it, and no other text does', async () => {
  const tokens = source();
  expect(await tokens.isIssued(new Secret('other-1'))).toBe(true);
  expect(await tokens.isIssued(new Secret('main-1'))).toBe(true);
  for (const text of ['', 'main-', 'main-12', 'MAIN-1', 'ghp_mine'])
    expect(await tokens.isIssued(new Secret(text))).toBe(false);
});

test('the token before the current one counts for as long as it lives', async () => {
  now += 45 * MINUTE;
  put(MAIN, 'main-2');
  const tokens = source([['my-user', MAIN]]);
  expect(await tokens.isIssued(new Secret('main-1'))).toBe(true);
  now = START + 60 * MINUTE;
  expect(await tokens.isIssued(new Secret('main-1'))).toBe(false);
  expect(await tokens.isIssued(new Secret('main-2'))).toBe(true);
});

test('a token that was minted meanwhile counts, after one more look', async () => {
  const tokens = source();
  await tokens.isIssued(new Secret('main-1'));
  now += 45 * MINUTE;
  put(MAIN, 'main-2');
  expect(await tokens.isIssued(new Secret('main-2'))).toBe(true);
});

test('guesses from inside cost at most one look in five seconds', async () => {
  const tokens = source();
  for (let guess = 0; guess < 100; guess += 1) await tokens.isIssued(new Secret(`guess-${guess}`));
  expect(reads).toEqual([MAIN, OTHER]);
});

test('a parameter that cannot be read makes no foreign token an issued one', async () => {
  isDown = true;
  await expect(source().isIssued(new Secret('ghp_mine'))).rejects.toMatchObject({
    code: 'ErrTokenUnreadable',
  });
});

test("one owner's token that cannot be read stands in the way of no other's", async () => {
  store.delete(OTHER);
  expect(await source().isIssued(new Secret('main-1'))).toBe(true);
});
