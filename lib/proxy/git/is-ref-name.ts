/** Longer than any ref that a file system holds under a repository; GitHub's own bound is lower. */
export const LONGEST_REF = 1_024;

/** What `git check-ref-format` refuses: control characters, the characters of refspecs and patterns, and these parts. */
const FORBIDDEN = /[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock(?:\/|$)|[/.]$/u;

/** Where a ref makes one object pass for another: what such a repo says of its history is no proof of anything. */
export const REPLACEMENTS = 'refs/replace/';

/**
 * Whether a name is that of a ref below `refs/`, as `git check-ref-format` decides. C1 control characters and what no
 * UTF-8 spells are refused as well, since a decision is taken on text; and so are replacements.
 *
 * {@link https://git-scm.com/docs/git-check-ref-format}
 */
export const isRefName = (ref: string): boolean =>
  ref.startsWith('refs/') &&
  !ref.startsWith(REPLACEMENTS) &&
  Buffer.byteLength(ref) <= LONGEST_REF &&
  !FORBIDDEN.test(ref);
