import { expect, test } from 'vitest';
import { clientHellos } from './client-hello.property.ts';

test(clientHellos.title, async () => {
  await expect(clientHellos.run(500)).resolves.toBeUndefined();
});
