import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import type { FleetOptions } from './fleet.ts';
import { figure } from './report.ts';
import { PARTS, type Tell } from './scale-parts.ts';

const docs = resolve(import.meta.dirname, '../../docs');

/** Puts text between two marks of a page. */
export const between = (page: string, mark: string, text: string): string => {
  const [begin, end] = [`<!-- ${mark}: made by npm run simulate -- --write -->`, `<!-- ${mark}: end -->`];
  const [from, until] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || until < from) throw new RangeError(`the page has no marks for ${mark}`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(until)}`;
};

export const PART_NAMES = Object.keys(PARTS) as readonly (keyof typeof PARTS)[];

const machine = (): string =>
  `Node ${process.version} on ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'a processor without a name'}.`;

const described = ({ sandboxes, days, seed }: FleetOptions): string =>
  `${figure(sandboxes)} sandboxes, ${days} days, seed ${seed}.`;

const CAPTIONS: { readonly [name in keyof typeof PARTS]?: (options: FleetOptions) => string } = {
  faults: described,
  sizes: machine,
};

/** Makes parts of docs/scale.md anew, with their charts; with the given fleet for the faults. */
export const writeScale = async (
  options: FleetOptions,
  parts: readonly (keyof typeof PARTS)[],
  tell: Tell,
): Promise<void> => {
  const file = join(docs, 'scale.md');
  for (const name of parts) {
    const text = await PARTS[name](options, tell);
    const page = await readFile(file, 'utf8');
    const caption = CAPTIONS[name]?.(options);
    await writeFile(file, between(page, name, caption === undefined ? text : `${caption}\n\n${text}`));
  }
};
