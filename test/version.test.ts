import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { VERSION } from '../lib/version.ts';

test("the version that km tells and writes into the platform stack is package.json's", () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(VERSION).toBe(version);
});
