/** What a substituted policy variable's own `*`, `?` and `$` are until they are compared: see context.ts. */
const LITERALS: Readonly<Record<string, string>> = { '\u0001': '*', '\u0002': '?', '\u0003': '$' };

/** True when `text` matches a pattern of IAM: `*` any characters, `?` exactly one. */
export const globMatches = (pattern: string, text: string): boolean => {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const c = pattern[p];
    if (c === '*') {
      star = p++;
      resume = t;
    } else if (c !== undefined && (c === '?' || (LITERALS[c] ?? c) === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      // The last star takes one character more.
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
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
