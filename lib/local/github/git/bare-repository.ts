import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';

const IDENTITY = 'Local GitHub <noreply@github.localhost> 1704067200 +0000';

const object = (type: string, body: Buffer): { id: string; file: Buffer } => {
  const content = Buffer.concat([Buffer.from(`${type} ${body.length}\0`), body]);
  return { id: createHash('sha1').update(content).digest('hex'), file: deflateSync(content) };
};

/** Where a repository lies: by its id, so that no part of a name ever reaches a path. */
export const repositoryPath = (reposDir: string, id: number): string => join(reposDir, `${id}.git`);

/**
 * Makes a bare repository with one commit on `main` that holds a README.md; the same name always gives the same commit.
 * Its objects are written loose and without git, since dozens are made while the local cloud starts.
 */
export const makeBareRepository = (path: string, fullName: string): void => {
  if (existsSync(path)) return;
  const readme = object(
    'blob',
    Buffer.from(`# ${fullName.split('/')[1]}\n\nThe repository ${fullName} of the local GitHub.\n`),
  );
  const tree = object(
    'tree',
    Buffer.concat([Buffer.from('100644 README.md\0'), Buffer.from(readme.id, 'hex')]),
  );
  const commit = object(
    'commit',
    Buffer.from(`tree ${tree.id}\nauthor ${IDENTITY}\ncommitter ${IDENTITY}\n\nInitial commit\n`),
  );

  const unfinished = `${path}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(join(unfinished, 'refs', 'heads'), { recursive: true });
  mkdirSync(join(unfinished, 'refs', 'tags'));
  writeFileSync(join(unfinished, 'HEAD'), 'ref: refs/heads/main\n');
  writeFileSync(
    join(unfinished, 'config'),
    '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n',
  );
  writeFileSync(join(unfinished, 'refs', 'heads', 'main'), `${commit.id}\n`);
  for (const { id, file } of [readme, tree, commit]) {
    const target = join(unfinished, 'objects', id.slice(0, 2), id.slice(2));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, file, { mode: 0o444 });
  }
  renameSync(unfinished, path);
};
