import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './harness.ts';

const folder = join(root, 'dist', 'refresher');

/** What every call to KMS has in its headers, and so every bundle that can make one. */
const callsKms = async (name: string): Promise<boolean> =>
  (await readFile(join(folder, name), 'utf8')).includes('TrentService');

test('the refresher starts without KMS, and loads it from beside it', async () => {
  const bundle = await readFile(join(folder, 'index.cjs'), 'utf8');
  expect(await callsKms('index.cjs')).toBe(false);
  expect(/require\(["']\.\/kms-calls\.cjs["']\)/.test(bundle)).toBe(true);
});

test('the refresher starts without what an operator asks it, and loads that from beside it', async () => {
  const [bundle, inspection] = await Promise.all(
    ['index.cjs', 'on-inspection.cjs'].map((name) => readFile(join(folder, name), 'utf8')),
  );
  const probes = /write-refused/;
  expect([probes.test(bundle ?? ''), probes.test(inspection ?? '')]).toEqual([false, true]);
  expect(/require\(["']\.\/on-inspection\.cjs["']\)/.test(bundle ?? '')).toBe(true);
});

test.each([
  ['a retry that failed needs', 'sqs-calls.cjs', 'AmazonSQS'],
  ['a survey needs', 'describe-calls.cjs', 'DescribeParameters failed'],
  ['a reconfiguring needs', 'on-reconfigure.cjs', 'which cannot be changed'],
  ['a stack is updated with', 'stack-calls.cjs', 'UsePreviousTemplate'],
  ['the fleet is asked', 'on-fleet-action.cjs', 'oldest_token_age_seconds:'],
])('the refresher starts without what %s, and loads that from beside it', async (_what, name, mark) => {
  const [bundle = '', apart = ''] = await Promise.all(
    ['index.cjs', name].map((file) => readFile(join(folder, file), 'utf8')),
  );
  expect([bundle.includes(mark), apart.includes(mark)]).toEqual([false, true]);
  expect(bundle).toMatch(new RegExp(`require\\(["']\\./${name.replace('.', '\\.')}["']\\)`));
});

test('the refresher starts without what Parameter Store could be asked else', async () => {
  const bundle = await readFile(join(folder, 'index.cjs'), 'utf8');
  const names = [
    'SSMServiceException',
    'PutParameter',
    'ParameterVersionLabelLimitExceeded',
    'PatchBaseline',
  ];
  expect(names.filter((name) => bundle.includes(name))).toEqual(['SSMServiceException', 'PutParameter']);
});

test('the refresher has one HTTP client, and nothing that makes Node load its fetch', async () => {
  const bundle = await readFile(join(folder, 'index.cjs'), 'utf8');
  expect(bundle.match(/\bimport\(|globalThis\.fetch|new (?:Headers|Request|Response)\b/g)).toBe(null);
});

test('what it loads makes the two calls that signing needs', async () => {
  expect(await callsKms('kms-calls.cjs')).toBe(true);
  const { openKms } = createRequire(import.meta.url)(join(folder, 'kms-calls.cjs'));
  const kms = openKms({ region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  expect(Object.keys(kms).sort()).toEqual(['getPublicKey', 'sign']);
});
