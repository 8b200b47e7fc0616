import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openState } from '../../../lib/local/aws/state.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'km-state-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = () => {
  const failures: unknown[] = [];
  const state = openState(directory, (error) => failures.push(error));
  return { state, failures };
};
const journals = () => readdirSync(directory).filter((name) => name.startsWith('journal-'));
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('what was changed before an answer could leave is there after a kill', async () => {
  const first = open().state.table<{ n: number }>('rows');
  first.set('a', { n: 1 });
  first.set('b', { n: 1 });
  first.set('a', { n: 2 });
  first.delete('b');
  await Promise.resolve();
  expect(open().state.table('rows').entries()).toEqual([['a', { n: 2 }]]);
});

test('a second kill loses nothing either, and the journals go once the tables are saved', async () => {
  open().state.table('rows').set('a', 1);
  await turn();
  open().state.table('rows').set('b', 2);
  await turn();
  const third = open();
  expect(third.state.table('rows').entries()).toEqual([
    ['a', 1],
    ['b', 2],
  ]);
  await third.state.close();
  expect({ left: journals(), failures: third.failures }).toEqual({ left: [], failures: [] });
  expect(JSON.parse(readFileSync(join(directory, 'rows.json'), 'utf8'))).toEqual({ a: 1, b: 2 });
});

test('changes made while the tables are being saved are in a journal that stays', async () => {
  const { state } = open();
  const rows = state.table<number>('rows');
  rows.set('a', 1);
  await expect.poll(() => journals()).toEqual(['journal-2.ndjson']);
  rows.set('a', 2);
  await turn();
  expect(open().state.table('rows').get('a')).toBe(2);
});

test('emptied tables stay empty after a kill', async () => {
  const { state } = open();
  state.table('rows').set('a', 1);
  await turn();
  state.clear();
  await turn();
  expect(open().state.table('rows').entries()).toEqual([]);
});

test('half a last line, which nobody was answered for, is left out', async () => {
  open().state.table('rows').set('a', 1);
  await turn();
  const file = join(directory, 'journal-1.ndjson');
  expect(statSync(file).mode & 0o077).toBe(0);
  writeFileSync(file, `${readFileSync(file, 'utf8')}{"table":"rows","key":"b","va`);
  expect(open().state.table('rows').keys()).toEqual(['a']);
});
