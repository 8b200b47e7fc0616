/** The condition keys of one request. Key names compare without case, as in IAM. */
export type Context = ReadonlyMap<string, readonly string[]>;

type Entries = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Builds a context from plain records; later ones win, undefined values are absent keys. */
export const contextOf = (...records: readonly (Entries | undefined)[]): Context => {
  const context = new Map<string, readonly string[]>();
  for (const record of records) {
    for (const [name, value] of Object.entries(record ?? {})) {
      if (value !== undefined) context.set(name.toLowerCase(), typeof value === 'string' ? [value] : value);
    }
  }
  return context;
};

const LITERALS: Readonly<Record<string, string>> = { '*': '\u0001', '?': '\u0002', $: '\u0003' };
const VARIABLE = /\$\{\s*([^},]+?)\s*(?:,\s*'([^']*)'\s*)?\}/g;

const asLiteral = (value: string): string => value.replace(/[*?$]/g, (c) => LITERALS[c] ?? c);

/**
 * Puts the request's values for the policy variables of `text`, with a default where one is given:
 * `${aws:PrincipalTag/team, 'none'}`. Undefined when a variable has no single value: the statement then does not apply.
 * A value's own wildcards are taken literally.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export const substitute = (text: string, context: Context): string | undefined => {
  if (!text.includes('${')) return text;
  let resolved = true;
  const result = text.replace(VARIABLE, (_, name: string, fallback: string | undefined) => {
    const literal = LITERALS[name];
    if (literal !== undefined) return literal;
    const values = context.get(name.toLowerCase());
    if (values?.length === 1) return asLiteral(values[0] ?? '');
    if (fallback !== undefined) return asLiteral(fallback);
    resolved = false;
    return '';
  });
  return resolved ? result : undefined;
};

/** The plain text of a substituted string, for comparisons that know no wildcards. */
export const plainText = (substituted: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the three stand-ins above
  substituted.replace(/[\u0001-\u0003]/g, (c) => (c === '\u0001' ? '*' : c === '\u0002' ? '?' : '$'));
