const WHY: Readonly<Record<string, string>> = {
  EACCES: 'its permissions do not let you',
  EPERM: 'the system does not let you',
  EROFS: 'it is on a read-only file system',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your quota is used up',
  EEXIST: 'there is a file of that name',
  EISDIR: 'it is a directory',
  ELOOP: 'it is a link',
  EIO: 'the disk does not answer',
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is no directory',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many files are open',
};

const codeOf = (error: unknown): string => String((error as Partial<NodeJS.ErrnoException> | null)?.code);

/** Why the file system refused something, in words; `undefined` for what is none of its refusals. */
export const whyRefused = (error: unknown): string | undefined => WHY[codeOf(error)];

const WHY_NOT_LISTENING: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'not allowed',
  ENOTFOUND: 'there is no such host',
  EINVAL: 'it is no address to listen on',
};

/** Why a port cannot be listened on, in words; `undefined` for what is no such refusal. */
export const whyNotListening = (error: unknown): string | undefined => WHY_NOT_LISTENING[codeOf(error)];
