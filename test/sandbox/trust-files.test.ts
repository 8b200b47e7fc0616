import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeTrustFiles } from '../../lib/sandbox/trust-files.ts';

const CA = '-----BEGIN CERTIFICATE-----\nours\n-----END CERTIFICATE-----\n';
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'km-trust-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test('the bundle holds what the caller trusts and the CA of the proxy; the other file the CA alone', async () => {
  const systemBundle = join(dir, 'system.pem');
  await writeFile(systemBundle, 'theirs\n\n');
  const { ca, bundle } = await writeTrustFiles({ folder: join(dir, 'deep', 'er'), caPem: CA, systemBundle });
  expect(await readFile(ca, 'utf8')).toBe(CA);
  expect(await readFile(bundle, 'utf8')).toBe(`theirs\n${CA}`);
});

test('where the named bundle is not there, the certificates that Node carries stand in', async () => {
  const { bundle } = await writeTrustFiles({ folder: dir, caPem: CA, systemBundle: join(dir, 'none.pem') });
  const text = await readFile(bundle, 'utf8');
  expect(text.match(/BEGIN CERTIFICATE/g)?.length).toBeGreaterThan(50);
  expect(text.endsWith(CA)).toBe(true);
});

test('every user may read them, and no draft is left', async () => {
  const { ca, bundle } = await writeTrustFiles({ folder: dir, caPem: CA });
  for (const file of [ca, bundle]) expect((await stat(file)).mode & 0o777).toBe(0o644);
  expect((await readdir(dir)).sort()).toEqual(['bundle.pem', 'ca.pem']);
});
