/** A text as one word of a POSIX shell's command, for a remedy to paste. */
export const shellWord = (text: string): string =>
  /^[\w:/.+=@%,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
