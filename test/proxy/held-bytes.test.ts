import { expect, test } from 'vitest';
import { createHeldBytes } from '../../lib/proxy/held-bytes.ts';

test('more than a budget is not held, and what is given back can be held again', () => {
  const held = createHeldBytes(10);
  expect(held.take(6)).toBe(true);
  expect(held.take(5)).toBe(false);
  expect(held.take(4)).toBe(true);
  held.give(6);
  expect(held.take(6)).toBe(true);
  expect(held.take(1)).toBe(false);
});
