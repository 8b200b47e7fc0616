/**
 * `npm run fuzz`: every property of the egress proxy's readers, with 100,000 cases each; `--cases N` sets another number,
 * `--only TEXT` picks those whose title holds it. Exits 1 when one fails, with fast-check's seed and smallest case.
 */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

interface Property {
  readonly title: string;
  run(cases: number): void | Promise<void>;
}

const isProperty = (value: unknown): value is Property =>
  typeof (value as Property | null)?.run === 'function' && typeof (value as Property).title === 'string';

const { values } = parseArgs({
  options: { cases: { type: 'string', default: '100000' }, only: { type: 'string', default: '' } },
});
const cases = Number(values.cases);
const tests = resolve(import.meta.dirname, '..');
const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.property.ts'),
);

const properties: Property[] = [];
for (const file of files.sort()) {
  const exported = (await import(join(tests, file))) as Record<string, unknown>;
  properties.push(...Object.values(exported).filter(isProperty));
}
const chosen = properties.filter(({ title }) => title.includes(values.only));
if (chosen.length === 0 || !Number.isSafeInteger(cases) || cases < 1) {
  console.error(
    `nothing to run: ${properties.length} properties, --cases ${values.cases}, --only '${values.only}'`,
  );
  process.exit(2);
}

let failed = 0;
for (const { title, run } of chosen) {
  const started = performance.now();
  try {
    await run(cases);
    console.log(`✓ ${title} (${cases} cases, ${((performance.now() - started) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.log(`✗ ${title}\n${String(error)}`);
  }
}
console.log(`${chosen.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
