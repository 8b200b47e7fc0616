import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generation, isThereLog, KEPT_FILES } from '../../../lib/proxy/audit/log-files.ts';
import { openAuditLog } from '../../../lib/proxy/audit/open-audit-log.ts';
import { readAuditLog } from '../../../lib/proxy/audit/read-audit-log.ts';
import { entryOf, makeFolder, pathsOf, START } from './audit-scene.ts';

test('where there is no log, there is nothing to read', async () => {
  await using scene = await makeFolder();
  expect(await pathsOf(scene.file)).toEqual([]);
});

test.each([0, 1, KEPT_FILES])('a log is there with its file %i alone, and is not before', async (number) => {
  await using scene = await makeFolder();
  expect(await isThereLog(scene.file)).toBe(false);
  writeFileSync(generation(scene.file, number), '');
  expect(await isThereLog(scene.file)).toBe(true);
});

test('where a log cannot be looked for, it is not said to be missing', async () => {
  await using scene = await makeFolder();
  writeFileSync(scene.file, '');
  await expect(isThereLog(`${scene.file}/below`)).rejects.toMatchObject({ code: 'ENOTDIR' });
});

test.each([
  { options: {}, paths: ['/1', '/2', '/3', '/4', '/5', '/6'] },
  { options: { denied: true }, paths: ['/3', '/6'] },
  { options: { since: START + 4000 }, paths: ['/4', '/5', '/6'] },
  { options: { since: START + 4000, denied: true }, paths: ['/6'] },
])('with $options, the entries are $paths', async ({ options, paths }) => {
  await using scene = await makeFolder();
  const log = openAuditLog({ file: scene.file, maxBytes: 600 });
  for (const number of [1, 2, 3, 4, 5, 6]) log.write(entryOf(number));
  await log.close();
  expect(await pathsOf(scene.file, options)).toEqual(paths);
});

test('what is no line of the proxy’s is passed over', async () => {
  await using scene = await makeFolder();
  const line = JSON.stringify(entryOf(1));
  writeFileSync(scene.file, `nonsense\n{}\nnull\n[1]\n${line}\n${line.slice(0, 40)}`);
  expect(await pathsOf(scene.file)).toEqual(['/1']);
});

test('lines that are longer than a read are whole', async () => {
  await using scene = await makeFolder();
  const refs = Array.from({ length: 2000 }, (_, index) => ({
    ref: `refs/heads/${index}`,
    oldId: '0'.repeat(40),
    newId: '1'.repeat(40),
  }));
  const log = openAuditLog({ file: scene.file });
  for (const number of [1, 2, 3]) log.write(entryOf(number, { refs }));
  await log.close();
  const lengths: (number | undefined)[] = [];
  for await (const entry of readAuditLog(scene.file)) lengths.push(entry.refs?.length);
  expect(lengths).toEqual([2000, 2000, 2000]);
});

test('following goes on over files that are put aside meanwhile, and ends when it is told to', async () => {
  await using scene = await makeFolder();
  const stop = new AbortController();
  const log = openAuditLog({ file: scene.file, maxBytes: 600, keep: 5 });
  log.write(entryOf(1));
  const seen: string[] = [];
  for await (const { path } of readAuditLog(scene.file, { follow: true, interval: 1, signal: stop.signal })) {
    seen.push(path);
    // Each entry seen brings two more: up to three files further than the reader is.
    if (seen.length <= 10) for (const more of [0, 1]) log.write(entryOf(seen.length * 2 + more));
    if (seen.length === 21) stop.abort();
  }
  await log.close();
  expect(seen).toEqual(Array.from({ length: 21 }, (_, index) => `/${index + 1}`));
});

test('following waits for a log that is not there yet, and for the end of a line', async () => {
  await using scene = await makeFolder();
  const stop = new AbortController();
  const entries = readAuditLog(scene.file, { follow: true, interval: 1, signal: stop.signal });
  const first = entries.next();
  const line = JSON.stringify(entryOf(1));
  writeFileSync(scene.file, line.slice(0, 30));
  await new Promise((later) => setTimeout(later, 20));
  writeFileSync(scene.file, `${line.slice(30)}\n`, { flag: 'a' });
  expect((await first).value).toEqual(entryOf(1));
  const second = entries.next();
  stop.abort();
  expect((await second).done).toBe(true);
});
