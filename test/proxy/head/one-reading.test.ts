import { expect, test } from 'vitest';
import { oneReading } from './one-reading.property.ts';

test(oneReading.title, async () => {
  await expect(oneReading.run(1000)).resolves.toBeUndefined();
});
