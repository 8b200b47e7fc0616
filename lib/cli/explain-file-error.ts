import { KmError } from '../errors.ts';
import { whyRefused } from '../why-refused.ts';

/** Where km looks for a file that is not there, or reads a directory, km itself may be wrong. */
const OF_KM: ReadonlySet<string> = new Set(['ENOENT', 'EISDIR']);

/** Turns what the file system refuses, which no code of km can mend, into an `ErrFile`. Any other error stays as it is. */
export function explainFileError(error: unknown): unknown {
  if (error instanceof KmError || !(error instanceof Error)) return error;
  const { code = '', path, syscall = '' } = error as NodeJS.ErrnoException;
  const why = OF_KM.has(code) ? undefined : whyRefused(error);
  if (why === undefined || path === undefined) return error;
  return new KmError('ErrFile', `${path} cannot be used (${syscall}): ${why}.`, {
    remedy:
      'km keeps its state below $XDG_STATE_HOME or ~/.local/state; --state names another place for a local cloud.',
    cause: error,
  });
}

/** What somebody asked for, of which a file was refused. */
export interface RefusedFile {
  /** The file and what could not be done, as a sentence without its end: `The audit log /x cannot be read`. */
  readonly what: string;
  readonly remedy: string;
}

/** The same of a file whose place an option names: the remedy is about that option. */
export function explainRefusal(error: unknown, { what, remedy }: RefusedFile): unknown {
  if (error instanceof KmError) return error;
  const why = whyRefused(error);
  return why === undefined ? error : new KmError('ErrFile', `${what}: ${why}.`, { remedy, cause: error });
}
