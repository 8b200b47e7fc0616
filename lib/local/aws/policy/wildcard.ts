const compiled = new Map<string, RegExp>();
const MOST_COMPILED = 5_000;

/** What `${*}`, `${?}` and `${$}` stand for until a pattern is compiled: the characters themselves. */
const LITERALS: Readonly<Record<string, string>> = { '\u0001': '\\*', '\u0002': '\\?', '\u0003': '\\$' };

/** True when `text` matches a pattern of IAM: `*` any characters, `?` exactly one. */
export const globMatches = (pattern: string, text: string): boolean => {
  if (pattern === '*') return true;
  let expression = compiled.get(pattern);
  if (!expression) {
    const source = [...pattern]
      .map(
        (c) => LITERALS[c] ?? (c === '*' ? '.*' : c === '?' ? '.' : c.replace(/[.+^${}()|[\]\\/-]/, '\\$&')),
      )
      .join('');
    expression = new RegExp(`^${source}$`, 'su');
    if (compiled.size >= MOST_COMPILED) compiled.clear();
    compiled.set(pattern, expression);
  }
  return expression.test(text);
};

const SEGMENTS = 6;

const split = (arn: string): string[] => {
  const parts = arn.split(':');
  return parts.length <= SEGMENTS ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
};

/**
 * True when an ARN matches a pattern, each of the six colon-separated segments by itself: a wildcard in one does not
 * reach into the next, unless it ends the whole pattern.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export const arnMatches = (pattern: string, arn: string): boolean => {
  if (pattern === '*') return true;
  const wanted = split(pattern);
  const given = split(arn);
  if (wanted.length === SEGMENTS) {
    return given.length === SEGMENTS && wanted.every((segment, i) => globMatches(segment, given[i] ?? ''));
  }
  if (!pattern.endsWith('*')) return pattern === arn;
  const last = wanted.length - 1;
  return (
    wanted.slice(0, last).every((segment, i) => globMatches(segment, given[i] ?? '')) &&
    globMatches(wanted[last] ?? '', arn.split(':').slice(last).join(':'))
  );
};
