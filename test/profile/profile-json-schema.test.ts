import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkRefPattern } from '../../lib/guard/check-ref-pattern.ts';
import { checkHostName } from '../../lib/profile/host-name.ts';
import { profileJsonSchema } from '../../lib/profile/profile-json-schema.ts';
import { readRepoEntry } from '../../lib/profile/repo-entry.ts';
import { readTimeToLive } from '../../lib/profile/time-to-live.ts';

test('schema/profile.schema.json is what the schema in code says; renew it with vitest -u', async () => {
  await expect(`${JSON.stringify(profileJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
    '../../schema/profile.schema.json',
  );
});

interface JsonSchema {
  readonly pattern?: string;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

const schemaAt = (path: string): JsonSchema =>
  path
    .split('.')
    .reduce<JsonSchema>((schema, key) => schema.properties?.[key] ?? {}, profileJsonSchema() as JsonSchema);

const GITHUB = 'spec.sourceAccess.github';

test.each<[string, JsonSchema | undefined, (text: string) => boolean, fc.Arbitrary<string>]>([
  [
    'repositories',
    schemaAt(`${GITHUB}.allowedRepos`).items,
    (text) => 'entry' in readRepoEntry(text),
    fc.stringMatching(
      /^(?:(?:https:\/\/)?[Gg]it[Hh]ub\.com\/)?[A-Za-z0-9][A-Za-z0-9_-]{0,4}\/(?:\*|[\w.-]{1,4}(?:\.git)?)\/?$/,
    ),
  ],
  [
    'refs',
    schemaAt(`${GITHUB}.allowedRefs`).items,
    (text) => checkRefPattern(text) === undefined,
    fc.stringMatching(/^[A-Za-z0-9._/+@#%=,*?[\]!^-]{1,6}$/),
  ],
  [
    'hosts',
    schemaAt('spec.network.egress.allowedHosts').items,
    (text) => checkHostName(text) === undefined,
    fc.stringMatching(/^(?:\*\.)?[A-Za-z0-9-]{1,3}\.[A-Za-z0-9.-]{1,5}$/),
  ],
  [
    'times to live',
    schemaAt('spec.lifecycle.ttl').anyOf?.[0],
    (text) => 'seconds' in readTimeToLive(text),
    fc.stringMatching(/^\d{1,4}[smhd]?$/),
  ],
])('an editor never marks %s that km accepts', (_, schema, accepts, text) => {
  const accepted = fc.sample(text, 2_000).filter(accepts);
  expect(accepted.length).toBeGreaterThan(50);
  expect(schema?.pattern).toMatch(/^\^.*\$$/);
  const pattern = new RegExp(schema?.pattern ?? '');
  expect(accepted.filter((candidate) => !pattern.test(candidate))).toEqual([]);
});
