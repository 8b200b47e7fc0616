import { expect, test } from 'vitest';
import { letThrough, refWritesAreAlwaysDecided, refWritesObeyThePolicy } from './ref-write.property.ts';

test(refWritesObeyThePolicy.title, async () => {
  await refWritesObeyThePolicy.run(3000);
  expect(letThrough.count).toBeGreaterThan(50);
});

test(refWritesAreAlwaysDecided.title, () => refWritesAreAlwaysDecided.run(500));
