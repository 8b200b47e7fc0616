import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Makes a sandbox's HOME, with an author for its commits, which git asks for: the sandbox itself, under an address that
 * can belong to nobody (RFC 2606). The sandbox may change it, as anything in its HOME.
 */
export async function makeSandboxHome(home: string, id: string): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const author = `[user]\n\tname = km sandbox ${id}\n\temail = ${id}@km.invalid\n`;
  await writeFile(join(home, '.gitconfig'), author, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}
