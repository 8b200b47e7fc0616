import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type AuditLog, openAuditLog } from '../../../lib/proxy/audit/open-audit-log.ts';
import { entryOf, makeFolder, pathsOf } from './audit-scene.ts';

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('a decision is on disk, as one line of JSON, when write returns', async () => {
  await using scene = await makeFolder();
  const log = openAuditLog({ file: scene.file });
  log.write(entryOf(1));
  log.write(entryOf(2));
  const lines = readFileSync(scene.file, 'utf8').split('\n');
  expect(lines.slice(0, 2).map((line) => JSON.parse(line))).toEqual([entryOf(1), entryOf(2)]);
  expect(lines[2]).toBe('');
  await log.close();
});

test('nobody else may read the log, also where a file with other rights was there', async () => {
  await using scene = await makeFolder();
  writeFileSync(scene.file, '');
  chmodSync(scene.file, 0o644);
  await openAuditLog({ file: scene.file }).close();
  expect(statSync(scene.file).mode & 0o777).toBe(0o600);
});

test('a log is gone on with, and a line that was left in part spoils none', async () => {
  await using scene = await makeFolder();
  const first = openAuditLog({ file: scene.file });
  first.write(entryOf(1));
  await first.close();
  writeFileSync(scene.file, '{"time":"2026-11-20T', { flag: 'a' });
  const second = openAuditLog({ file: scene.file });
  second.write(entryOf(2));
  await second.close();
  expect(await pathsOf(scene.file)).toEqual(['/1', '/2']);
});

test.each([
  { path: '/o/r?access_token=x', is: '/o/r' },
  { path: '/o/r#x?y', is: '/o/r' },
  { path: `/${'a'.repeat(300)}`, is: `/${'a'.repeat(199)}` },
])('the path $path is written as $is', async ({ path, is }) => {
  await using scene = await makeFolder();
  const log = openAuditLog({ file: scene.file });
  log.write(entryOf(1, { path }));
  await log.close();
  expect(await pathsOf(scene.file)).toEqual([is]);
});

test('a line holds nothing but visible ASCII, and reads back as what it was', async () => {
  await using scene = await makeFolder();
  const path = '/\u0000\u001b[2J\r\n\u007f\u009b\u2028\u202e\ud800ä😀';
  const log = openAuditLog({ file: scene.file });
  log.write(entryOf(1, { path }));
  await log.close();
  expect(readFileSync(scene.file, 'latin1')).toMatch(/^[\x20-\x7e]+\n$/);
  expect(await pathsOf(scene.file)).toEqual([path]);
});

test('a long log is put aside, files are kept as many as said, and order stays', async () => {
  await using scene = await makeFolder();
  const line = JSON.stringify(entryOf(10)).length + 1;
  const log = openAuditLog({ file: scene.file, maxBytes: 3 * line, keep: 2 });
  for (const number of numbers(10, 20)) log.write(entryOf(number));
  await log.close();
  expect((await readdir(scene.folder)).sort()).toEqual(['audit.log', 'audit.log.1', 'audit.log.2']);
  expect(statSync(scene.file).size).toBeLessThanOrEqual(3 * line);
  expect(await pathsOf(scene.file)).toEqual(numbers(13, 20).map((number) => `/${number}`));
  expect(statSync(`${scene.file}.1`).mode & 0o777).toBe(0o600);
});

test('a single line that is longer than a file may be is written whole', async () => {
  await using scene = await makeFolder();
  const log = openAuditLog({ file: scene.file, maxBytes: 10 });
  for (const number of [1, 2]) log.write(entryOf(number));
  await log.close();
  expect(await pathsOf(scene.file)).toEqual(['/1', '/2']);
});

test('two proxies of one sandbox lose no line of each other when one puts the file aside', async () => {
  await using scene = await makeFolder();
  const maxBytes = 5 * JSON.stringify(entryOf(10)).length;
  const logs = [openAuditLog({ file: scene.file, maxBytes }), openAuditLog({ file: scene.file, maxBytes })];
  for (const number of numbers(10, 25)) logs[number % 2]?.write(entryOf(number));
  for (const log of logs) await log.close();
  expect((await pathsOf(scene.file)).sort()).toEqual(numbers(10, 25).map((number) => `/${number}`));
});

test('a log that was deleted is begun anew', async () => {
  await using scene = await makeFolder();
  const log = openAuditLog({ file: scene.file });
  log.write(entryOf(1));
  rmSync(scene.file);
  log.write(entryOf(2));
  await log.close();
  expect(await pathsOf(scene.file)).toEqual(['/2']);
});

test('a link in place of the log is not followed', async () => {
  await using scene = await makeFolder();
  writeFileSync(join(scene.folder, 'other'), 'as it was');
  symlinkSync('other', scene.file);
  expect(() => openAuditLog({ file: scene.file })).toThrow(
    expect.objectContaining({
      code: 'ErrProxyAudit',
      message: `the audit log ${scene.file} cannot be written: it is a link`,
    }),
  );
  expect(readFileSync(join(scene.folder, 'other'), 'utf8')).toBe('as it was');
});

const refusal = (log: AuditLog, number: number): unknown => {
  try {
    log.write(entryOf(number));
  } catch (error) {
    return (error as { readonly code: unknown }).code;
  }
  return undefined;
};

test('what the disk refuses is told, held, and written in order once it takes lines again', async () => {
  await using scene = await makeFolder();
  const log = openAuditLog({ file: scene.file, maxBytes: 100, keep: 1 });
  log.write(entryOf(1));
  // The file cannot be put aside: something is in the place of its next name.
  mkdirSync(join(`${scene.file}.1`, 'in-the-way'), { recursive: true });
  expect(log.isWritable()).toBe(false);
  expect([refusal(log, 2), refusal(log, 3)]).toEqual(['ErrProxyAudit', 'ErrProxyAudit']);
  rmSync(`${scene.file}.1`, { recursive: true });
  expect(log.isWritable()).toBe(true);
  log.write(entryOf(4));
  await log.close();
  expect((await pathsOf(scene.file)).slice(-1)).toEqual(['/4']);
  expect(readFileSync(`${scene.file}.1`, 'utf8').match(/"path":"\/\d"/g)).toEqual([
    '"path":"/2"',
    '"path":"/3"',
  ]);
});

test('what is no file is not written to, and keeps its rights', () => {
  const { mode } = statSync('/dev/null');
  expect(() => openAuditLog({ file: '/dev/null' })).toThrow(
    expect.objectContaining({
      code: 'ErrProxyAudit',
      message: 'the audit log /dev/null cannot be written: it is no file',
    }),
  );
  expect(statSync('/dev/null').mode).toBe(mode);
});

test('nothing is written after the end', async () => {
  await using scene = await makeFolder();
  const log = openAuditLog({ file: scene.file });
  await log.close();
  expect(refusal(log, 1)).toBe('ErrProxyAudit');
  expect(log.isWritable()).toBe(false);
});
