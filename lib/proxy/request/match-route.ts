import type { Segment } from './strict-target.ts';

/** What the parts in braces of a route's pattern stand for, decoded. */
export type RouteValues = Readonly<Record<string, string>>;

/** The form of a part, by its name in the pattern; a name that is not here is any one segment. */
const FORMS: Readonly<Record<string, RegExp>> = {
  number: /^[1-9][0-9]{0,14}$/,
  id: /^[1-9][0-9]{0,18}$/,
  sha: /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i,
  workflow: /^(?:[1-9][0-9]{0,18}|[A-Za-z0-9._-]{1,200}\.ya?ml)$/,
};

const isTail = (part: string): boolean => part.endsWith('...}');

/** Matches segments with a pattern such as `git/refs/{ref...}`: words as they are written, `{name}`, and a tail. */
export const matchRoute = (pattern: string, segments: readonly Segment[]): RouteValues | undefined => {
  const parts = pattern === '' ? [] : pattern.split('/');
  const tailed = parts.length > 0 && isTail(parts.at(-1) ?? '');
  if (tailed ? segments.length < parts.length : segments.length !== parts.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const segment = segments[index];
    if (!segment) return undefined;
    if (isTail(part)) {
      values[part.slice(1, -4)] = segments
        .slice(index)
        .map(({ text }) => text)
        .join('/');
    } else if (part.startsWith('{')) {
      const name = part.slice(1, -1);
      const form = FORMS[name];
      // What has a form is compared as it came, so that no encoded digit is read one way here and another way there.
      if (form && !form.test(segment.raw)) return undefined;
      values[name] = segment.text;
    } else if (segment.raw !== part) {
      return undefined;
    }
  }
  return values;
};
