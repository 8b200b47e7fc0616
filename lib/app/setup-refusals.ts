import { KmError } from '../errors.ts';
import { problemPage } from './setup-page.ts';

/** A page with its HTTP status. */
export interface PageReply {
  readonly status: number;
  readonly page: string;
}

/** The printed address, opened a second time by a browser without the cookie. */
export const openElsewhere = (nonce: string): PageReply => ({
  status: 403,
  page: problemPage({
    title: 'Open in another browser already',
    message: 'This address has been opened before, and it lets one browser in.',
    remedy: 'Go on there. If that was not you, end km with Ctrl-C and run km github again.',
    nonce,
  }),
});

/** A path that is none of the set-up. */
export const nothingHere = (nonce: string): PageReply => ({
  status: 404,
  page: problemPage({ title: 'Nothing here', message: 'km has no such page.', nonce }),
});

/** The page or the callback in a browser without the cookie. */
export const notThisBrowser = (nonce: string): PageReply => ({
  status: 403,
  page: problemPage({
    title: 'Not this browser',
    message: 'This browser was not let in, or it keeps no cookies.',
    remedy: 'Open the address that km printed, and come back from GitHub in the same browser.',
    nonce,
  }),
});

/** An answer of GitHub's to another run, or of somebody else's making. */
export const otherState = (origin: string, nonce: string): PageReply => ({
  status: 403,
  page: problemPage({
    title: 'Not the answer to this run',
    message: 'This answer from GitHub does not belong to the page that km shows. Nothing was stored.',
    remedy: `Begin again at ${origin}. If GitHub made an App, delete it in its settings there.`,
    nonce,
  }),
});

/** An answer of GitHub's without a code in it. */
export const noCode = (origin: string, nonce: string): PageReply => ({
  status: 400,
  page: problemPage({
    title: 'No code',
    message: 'This answer from GitHub has no code. Nothing was stored.',
    remedy: `Begin again at ${origin}.`,
    nonce,
  }),
});

/** A further answer of GitHub's, or the page after the first. */
export const answeredAlready = (nonce: string): PageReply => ({
  status: 409,
  page: problemPage({
    title: 'Answered already',
    message: 'GitHub’s answer has come before, and it counts once. The terminal says what became of it.',
    remedy: 'If you made a second App from another tab, km does not know it: delete it in GitHub’s settings.',
    nonce,
  }),
});

/** The answer was taken, and what followed failed. */
export const notStored = (error: unknown, nonce: string): PageReply => {
  const known = error instanceof KmError ? error : undefined;
  return {
    status: 500,
    page: problemPage({
      title: 'Not stored yet',
      message: known?.message ?? 'Something went wrong; the terminal says what.',
      remedy: `${known?.remedy ?? ''} The terminal says how to go on.`.trim(),
      nonce,
    }),
  };
};
