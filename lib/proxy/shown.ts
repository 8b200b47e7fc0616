/** What does not print, prints as something else, or would end a quotation. */
const UNSHOWABLE = /[\p{C}\p{Z}'\ufffd]/gu;

/** A text that a client chose, as a message may show it: without control characters, and cut. `limit` in UTF-16 units. */
export const shown = (text: string, limit = 100): string => {
  const cut = text.length > limit ? `${text.slice(0, limit)}...` : text;
  return cut.replace(UNSHOWABLE, '?');
};
