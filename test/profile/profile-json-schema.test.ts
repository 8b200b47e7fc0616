import { expect, test } from 'vitest';
import { profileJsonSchema } from '../../lib/profile/profile-json-schema.ts';

test('schema/profile.schema.json is what the schema in code says; renew it with vitest -u', async () => {
  await expect(`${JSON.stringify(profileJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
    '../../schema/profile.schema.json',
  );
});
