import { createHash } from 'node:crypto';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** One script of the kit, or a link to another in its folder. */
export type KitFile = { readonly content: string; readonly executable: boolean } | { readonly link: string };

/** The scripts that go into a sandbox, by their path in the kit. */
export type KitFiles = ReadonlyMap<string, KitFile>;

/** Reads the scripts from the folder where they are kept. */
export async function readKit(scripts: string): Promise<KitFiles> {
  const entries = await readdir(scripts, { recursive: true, withFileTypes: true });
  const read = await Promise.all(
    entries
      .filter((entry) => !entry.isDirectory())
      .map(async (entry): Promise<[string, KitFile]> => {
        const path = join(entry.parentPath, entry.name);
        if (entry.isSymbolicLink()) return [relative(scripts, path), { link: await readlink(path) }];
        const [content, { mode }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
        return [relative(scripts, path), { content, executable: (mode & 0o111) !== 0 }];
      }),
  );
  return new Map(read.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export interface LayOutOptions {
  /** Where the scripts are kept. */
  readonly scripts: string;
  /** The sandbox's policy file. */
  readonly policy: string;
  /** The sandbox's own folder on this machine. */
  readonly folder: string;
}

/**
 * Lays the scripts and the policy out for one sandbox, read-only, and returns their folder. It is named by its content:
 * commands running side by side share it, and a changed policy makes a new one.
 */
export async function layOutKit({ scripts, policy, folder }: LayOutOptions): Promise<string> {
  const kit = await readKit(scripts);
  const hash = createHash('sha256').update(policy);
  hash.update(JSON.stringify([...kit]));
  const place = join(folder, `kit-${hash.digest('hex').slice(0, 16)}`);
  if (await stat(place).catch(() => undefined)) return place;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = await mkdtemp(join(folder, '.kit-'));
  for (const [path, file] of kit) {
    await mkdir(dirname(join(draft, path)), { recursive: true });
    if ('link' in file) await symlink(file.link, join(draft, path));
    else await writeFile(join(draft, path), file.content, { mode: file.executable ? 0o555 : 0o444 });
  }
  await writeFile(join(draft, 'policy'), policy, { mode: 0o444 });
  await chmod(draft, 0o755);
  await rename(draft, place).catch(async (error: NodeJS.ErrnoException) => {
    await rm(draft, { recursive: true, force: true });
    // Another command laid the same one out meanwhile.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
  return place;
}

/** Removes everything that this machine keeps for a sandbox. */
export async function removeSandboxFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
