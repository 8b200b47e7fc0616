/** What git reads of a push. */
export interface GitReading {
  readonly commands: readonly { readonly ref: string; readonly oldId: string; readonly newId: string }[];
  readonly hasPushOptions: boolean;
  /** Where git begins to read what follows its commands. */
  readonly end: number;
}

const C_SPACE = /[ \t\n\v\f\r]/;

/** Whether git finds a capability in a list: after a C white space or at the start, before one, `=` or the end. */
const asksFor = (list: string, capability: string): boolean =>
  list.split(C_SPACE).some((word) => word === capability || word.startsWith(`${capability}=`));

/**
 * The commands that git 2.39 takes out of a body, with all that it overlooks: written from its documented behaviour and
 * what it was seen to do, apart from the product's reader, and compared with git itself in the differential test.
 * `undefined` where git dies before any command is carried out. Names are Latin-1.
 */
export const readAsGit = (body: Buffer): GitReading | undefined => {
  const commands: GitReading['commands'][number][] = [];
  let hasPushOptions = false;
  let at = 0;
  for (;;) {
    const digits = body.toString('latin1', at, at + 4);
    if (digits.length < 4) return undefined;
    if (!/^[0-9a-f]{4}$/i.test(digits)) return undefined;
    const length = Number.parseInt(digits, 16);
    // A flush, a delimiter and the end of a response all end the commands.
    if (length < 3) return { commands, hasPushOptions, end: at + 4 };
    if (length === 3 || length > 65_520 || at + length > body.length) return undefined;
    let text = body.toString('latin1', at + 4, at + length);
    at += length;
    if (text.endsWith('\n')) text = text.slice(0, -1);
    if (text.startsWith('ERR ')) return undefined;
    if (text.length > 8 && text.startsWith('shallow ')) {
      if (!/^[0-9a-f]{40}/i.test(text.slice(8))) return undefined;
      continue;
    }
    const [line = '', capabilities] = text.split('\0');
    if (capabilities !== undefined) {
      hasPushOptions ||= asksFor(capabilities, 'push-options');
      if (
        asksFor(capabilities, 'object-format') &&
        !/(?:^|[ \t\n\v\f\r])object-format=sha1/.test(capabilities)
      )
        return undefined;
    }
    const [, oldId = '', newId = '', ref = ''] = /^([0-9a-f]{40}) ([0-9a-f]{40}) (.*)$/is.exec(line) ?? [];
    if (oldId === '') return undefined;
    commands.push({ ref, oldId: oldId.toLowerCase(), newId: newId.toLowerCase() });
  }
};
