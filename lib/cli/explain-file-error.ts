import { KmError } from '../errors.ts';

const WHY: Readonly<Record<string, string>> = {
  EACCES: 'its permissions do not let you',
  EPERM: 'the system does not let you',
  EROFS: 'it is on a read-only file system',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your quota is used up',
  EEXIST: 'there is a file of that name',
  ENOTDIR: 'a part of the path is no directory',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many files are open',
};

/** Turns what the file system refuses, which no code of km can mend, into an `ErrFile`. Any other error stays as it is. */
export function explainFileError(error: unknown): unknown {
  if (error instanceof KmError || !(error instanceof Error)) return error;
  const { code = '', path, syscall = '' } = error as NodeJS.ErrnoException;
  const why = WHY[code];
  if (why === undefined || path === undefined) return error;
  return new KmError('ErrFile', `${path} cannot be used (${syscall}): ${why}.`, {
    remedy:
      'km keeps its state below $XDG_STATE_HOME or ~/.local/state; --state names another place for a local cloud.',
    cause: error,
  });
}
