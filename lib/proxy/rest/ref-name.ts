import { isRefName as isGitRefName } from '../git/is-ref-name.ts';

/** What prints as nothing, or as something else; git takes most of it. */
const UNSEEN = /[\p{C}\p{Z}]/u;

/** Whether a text is the full name of a ref, in exactly one reading: below a namespace, and of what can be seen. */
export const isRefName = (text: string): boolean =>
  isGitRefName(text) && /^refs\/[^/]+\/./.test(text) && !UNSEEN.test(text);

/**
 * What git and GitHub look up as something else before they take it for the name of a branch or tag: another ref's
 * longer name, the default branch, an option, an object id.
 */
const READ_OTHERWISE =
  /^(?:refs|heads|tags|remotes)\/|^-|^@$|^(?:[A-Z]+_)?HEAD$|^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;

/** Whether a text is the short name of a branch or tag that stands for nothing else. */
export const isShortName = (text: string): boolean =>
  isRefName(`refs/heads/${text}`) && !READ_OTHERWISE.test(text);

/** Whether a text is a whole object id that names an object: all zeros stand for none, and so for a deletion. */
export const isObjectId = (text: string): boolean =>
  /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(text) && !/^0+$/.test(text);
