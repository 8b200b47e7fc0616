import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkRefPattern } from '../../lib/guard/check-ref-pattern.ts';
import { decidePush } from '../../lib/guard/decide-push.ts';
import type { GuardPolicy } from '../../lib/guard/guard-policy.ts';
import { makePlace, type Place, run } from './scripts.ts';

const ONE = '1'.repeat(40);
const TWO = '2'.repeat(40);
const NONE = '0'.repeat(40);
let place: Place;

beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

const word = fc.constantFrom(
  'main',
  'dev',
  'release',
  'v1',
  'a',
  'b',
  'B',
  '7',
  'x.y',
  'a-b',
  'a+b',
  'a@b',
  'a%b',
  'a,b',
  'a=b',
  'ü',
);
const name = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join('/'));
const ref = fc
  .tuple(fc.constantFrom('refs/heads/', 'refs/tags/', 'refs/notes/', 'refs/heads/refs/tags/'), name)
  .map(([prefix, rest]) => prefix + rest);
const wildcard = fc.constantFrom(
  '*',
  '?',
  '[a-c]',
  '[!a-c]',
  '[0-9]',
  '/*',
  '*/',
  'refs/heads/',
  'refs/tags/',
  'refs/',
  '[.-]',
);
const pattern = fc
  .array(fc.oneof(word, wildcard, name), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''))
  .filter((text) => checkRefPattern(text) === undefined);
/** Old and new value; a branch is moved only where forced pushes are allowed, since else its history decides. */
const change = fc.constantFrom([NONE, ONE], [ONE, NONE], [ONE, ONE], [ONE, TWO]);
const policy = fc.record({
  allowedRefs: fc.option(fc.array(pattern, { maxLength: 4 }), { nil: undefined }),
  allowForcePushes: fc.boolean(),
  allowDeletions: fc.boolean(),
});

test('the hook says what lib/guard says, for four thousand refs under two hundred policies', async () => {
  const cases = fc.sample(
    fc.tuple(policy, fc.array(fc.tuple(ref, change), { minLength: 20, maxLength: 20 })),
    {
      numRuns: 200,
      seed: 20261120,
    },
  );
  let denials = 0;
  for (const [{ allowedRefs, ...rest }, changes] of cases) {
    const guard: GuardPolicy = { ...(allowedRefs ? { allowedRefs } : {}), ...rest };
    const updates = changes.map(([name, [oldId = '', newId = '']]) => ({ ref: name, oldId, newId }));
    place.setPolicy({
      ...(allowedRefs ? { refs: allowedRefs } : {}),
      force: rest.allowForcePushes,
      delete: rest.allowDeletions,
    });
    const input = updates.map(({ ref, oldId, newId }) => `local ${newId} ${ref} ${oldId}\n`).join('');
    const { status, stderr } = await run(`${place.scripts}/hooks/pre-push`, ['r', 'u'], {
      cwd: place.home,
      // In this locale ? would stand for a whole ü.
      env: { LC_ALL: 'C.UTF-8' },
      input,
    });
    const expected = decidePush(guard, updates).map(({ message }) => message);
    // Whether a branch's move is forced needs its history, which is not here: the hook says so behind the message.
    expect(stderr.replaceAll(/, and whether this one is forced.*$/gm, '')).toBe(
      expected.map((each) => `${each}\n`).join(''),
    );
    expect(status).toBe(expected.length > 0 ? 1 : 0);
    denials += expected.length;
  }
  expect(denials).toBeGreaterThan(1000);
  expect(denials).toBeLessThan(3900);
});
