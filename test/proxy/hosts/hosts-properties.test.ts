import { expect, test } from 'vitest';
import { authorities, publicAddresses } from './hosts.property.ts';

test.each([authorities, publicAddresses])('$title', ({ run }) => {
  expect(run(3000)).toBeUndefined();
});
