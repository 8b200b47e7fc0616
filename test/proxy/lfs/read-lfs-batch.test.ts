import { expect, test } from 'vitest';
import { readLfsBatch } from '../../../lib/proxy/lfs/read-lfs-batch.ts';

const OID = 'ab'.repeat(32);
const GOOD = { operation: 'download', objects: [{ oid: OID, size: 3 }] };
const read = (body: unknown) =>
  readLfsBatch(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

test('what git-lfs 3.3 sends is written anew, for the basic transfer', () => {
  const asked = read({
    operation: 'upload',
    objects: [{ oid: OID, size: 3 }],
    transfers: ['lfs-standalone-file', 'basic', 'ssh'],
    ref: { name: 'refs/heads/main' },
    hash_algo: 'sha256',
  });
  if ('allowed' in asked) throw new TypeError(asked.reason);
  expect(asked.operation).toBe('upload');
  expect(JSON.parse(String(asked.body))).toEqual({
    operation: 'upload',
    transfers: ['basic'],
    ref: { name: 'refs/heads/main' },
    objects: [{ oid: OID, size: 3 }],
  });
});

test('a batch without transfers means the basic one', () => {
  expect(read(GOOD)).toMatchObject({ operation: 'download' });
});

test('the operation that was read is the one that is sent', () => {
  const asked = read(`{"operation":"download","objects":[{"oid":"${OID}","size":3}],"operation":"upload"}`);
  if ('allowed' in asked) throw new TypeError(asked.reason);
  expect(asked.operation).toBe('upload');
  expect(JSON.parse(String(asked.body)).operation).toBe('upload');
});

test('what the specification does not know is not sent on', () => {
  const object = { oid: OID, size: 3, authenticated: true, repository: 'mallory/x' };
  const asked = read({ ...GOOD, repository: 'mallory/x', objects: [object], ref: { name: 'x', repo: 'y' } });
  expect('body' in asked && String(asked.body)).not.toMatch(/mallory|repo/);
});

test.each<readonly [string, unknown]>([
  ['no JSON', 'operation=download'],
  ['no operation', { objects: GOOD.objects }],
  ['another operation', { ...GOOD, operation: 'verify' }],
  ['an operation in other letters', { ...GOOD, operation: 'Upload' }],
  ['a list of operations', { ...GOOD, operation: ['download'] }],
  ['no objects', { operation: 'download' }],
  ['an empty list', { ...GOOD, objects: [] }],
  ['an object that is none', { ...GOOD, objects: [null] }],
  ['an oid in upper case', { ...GOOD, objects: [{ oid: OID.toUpperCase(), size: 3 }] }],
  ['a path for an oid', { ...GOOD, objects: [{ oid: `../${OID}`, size: 3 }] }],
  ['an oid in a list', { ...GOOD, objects: [{ oid: [OID], size: 3 }] }],
  ['a negative size', { ...GOOD, objects: [{ oid: OID, size: -1 }] }],
  ['a size in words', { ...GOOD, objects: [{ oid: OID, size: '3' }] }],
  ['more than a thousand objects', { ...GOOD, objects: Array(1001).fill(GOOD.objects[0]) }],
  ['another hash', { ...GOOD, hash_algo: 'sha1' }],
  ['transfers without the basic one', { ...GOOD, transfers: ['tus'] }],
])('a batch with %s is refused', (_, body) => {
  expect(read(body)).toMatchObject({ allowed: false, rule: 'body', status: 400 });
});
