import { createHash } from 'node:crypto';
import { constants, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KmError } from '../errors.ts';
import { shellWord } from '../shell-word.ts';
import { readSetupRecord, type SetupRecord } from './setup-record.ts';

/** The platform that an App is set up for, so that no run stores it in another. */
export interface SetupPlatform {
  readonly account: string;
  readonly region: string;
  readonly prefix: string;
  /** AWS_ENDPOINT_URL, where it is set: two local clouds have the same account. */
  readonly endpoint?: string;
}

export interface SetupRecovery {
  readonly file: string;
  /** What an earlier run left. Throws `ErrSetupRecovery` for a file that is not km's, or open to others. */
  readonly read: () => Promise<SetupRecord | undefined>;
  /** Makes the file, which must not be there: two runs at once would be two Apps. Throws `ErrSetupRecovery`. */
  readonly create: (record: SetupRecord) => Promise<void>;
  /** Puts a record in the place of the one before, whole or not at all, and on disk before it returns. */
  readonly replace: (record: SetupRecord) => Promise<void>;
  readonly remove: () => Promise<void>;
}

const FRESH = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const MOST_BYTES = 65_536;

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;

const failed = (message: string, remedy: string, cause?: unknown): KmError =>
  new KmError('ErrSetupRecovery', message, { remedy, cause });

/** The recovery file's name: a platform has its own. */
export const setupRecoveryFile = (folder: string, platform: SetupPlatform): string => {
  const identity = [platform.endpoint ?? '', platform.account, platform.region, platform.prefix].join('\n');
  const digest = createHash('sha256').update(identity).digest('hex').slice(0, 12);
  return join(folder, `github-setup-${platform.prefix}-${digest}.json`);
};

/**
 * The recovery file of a platform's set-up, of mode 0600 below `folder`. No link is followed, neither to it nor in its
 * place, and every write is flushed to disk, with its folder.
 */
export const setupRecovery = (folder: string, platform: SetupPlatform): SetupRecovery => {
  const file = setupRecoveryFile(folder, platform);
  const next = `${file}.new`;
  return {
    file,

    read: async () => {
      const record = await readRecord(file);
      if (record?.stage !== 'code') return record;
      // The run was cut off between writing the App and giving it the file's name: the code is spent, the App is there.
      const unnamed = await readRecord(next).catch(() => undefined);
      if (unnamed?.stage !== 'app') return record;
      await rename(next, file);
      await flush(folder);
      return unnamed;
    },

    create: async (record) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFresh(file, record).catch((error: unknown) => {
        throw codeOf(error) === 'EEXIST'
          ? failed('Another `km github` has just begun for this platform.', 'Go on there, or end it first.')
          : failed(`${file} cannot be written: ${codeOf(error)}`, 'Make room there, and try again.', error);
      });
    },

    replace: async (record) => {
      try {
        await unlink(next).catch((error: unknown) => {
          if (codeOf(error) !== 'ENOENT') throw error;
        });
        await writeFresh(next, record);
        await rename(next, file);
        await flush(folder);
      } catch (error) {
        throw failed(`${file} cannot be written: ${codeOf(error)}`, 'Make room there, and try again.', error);
      }
    },

    remove: async () => {
      for (const path of [next, file]) {
        await unlink(path).catch((error: unknown) => {
          if (codeOf(error) !== 'ENOENT')
            throw failed(
              `${path} cannot be removed: ${codeOf(error)}`,
              `It can hold a key: rm ${shellWord(path)}`,
              error,
            );
        });
      }
      await flush(folder);
    },
  };
};

const readRecord = async (file: string): Promise<SetupRecord | undefined> => {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw failed(
      `${file} cannot be read: ${codeOf(error)}`,
      `Look at it, and remove it: rm ${shellWord(file)}`,
      error,
    );
  });
  if (handle === undefined) return undefined;
  try {
    const stat = await handle.stat();
    const mine = process.getuid === undefined || stat.uid === process.getuid();
    if (!stat.isFile() || !mine || (stat.mode & 0o077) !== 0 || stat.size > MOST_BYTES) {
      throw failed(
        `${file} is not as km leaves it: a file of yours alone (mode 0600).`,
        `Look at who could write it; then remove it (rm ${shellWord(file)}), or chmod 600 it if it is yours.`,
      );
    }
    const record = readSetupRecord(await handle.readFile('utf8'));
    if (record !== undefined) return record;
    // The issues would name what stands in it, which can be a key.
    throw failed(
      `${file} is not a record of km's set-up.`,
      `If it holds a private key that you need, keep that; then rm ${shellWord(file)}`,
    );
  } finally {
    await handle.close();
  }
};

const writeFresh = async (path: string, record: SetupRecord): Promise<void> => {
  const handle = await open(path, FRESH, 0o600);
  try {
    await handle.writeFile(JSON.stringify(record));
    await handle.sync();
  } catch (error) {
    await unlink(path).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
  await flush(dirname(path));
};

/** A new name in a folder is on disk only once the folder is. */
const flush = async (folder: string): Promise<void> => {
  const handle = await open(folder, constants.O_RDONLY);
  await handle.sync().finally(() => handle.close());
};
