import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KmError } from '../errors.ts';

/** The folder of km's package.json, above both the sources and the bundle. */
export function packageRoot(from: string = import.meta.dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) throw new KmError('ErrInternal', `No package.json above ${from}.`);
  }
}

/** Reads a template that the build made. */
export async function readTemplate(name: 'platform' | 'sandbox'): Promise<string> {
  return readFile(join(packageRoot(), 'dist', 'templates', `${name}.template.json`), 'utf8').catch(
    (cause) => {
      throw new KmError('ErrInternal', `The ${name} template is not built.`, {
        remedy: 'npm run build',
        cause,
      });
    },
  );
}
