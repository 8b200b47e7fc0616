/** Something in a text that keeps it from being read, at an offset in UTF-16 units. */
export interface TextFinding {
  readonly offset: number;
  readonly message: string;
  readonly fix: string;
}

/** In bytes, or characters of a text that is decoded already. A profile of 500 repositories takes a tenth of it. */
export const LARGEST_PROFILE = 256 * 1024;

/** Tab and line ends aside, YAML allows no control character. */
const CONTROL = /(?![\t\n\r])\p{Cc}/u;

const code = (character: string): string =>
  character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');

/** A text without its byte order mark; bytes are decoded as UTF-8, with U+FFFD for what is none. */
export const decodedText = (content: string | Uint8Array): string => {
  const text =
    typeof content === 'string' ? content : new TextDecoder('utf-8', { ignoreBOM: true }).decode(content);
  return text.startsWith('\ufeff') ? text.slice(1) : text;
};

/** What keeps a text from being read as YAML at all: its size, its encoding, control characters. */
export const checkText = (text: string): TextFinding | undefined => {
  if (text.length > LARGEST_PROFILE) {
    return {
      offset: 0,
      message: `a profile has at most ${LARGEST_PROFILE / 1024} KiB`,
      fix: 'Check that this is the right file; "owner/*" stands for a long list of repositories.',
    };
  }
  if (text.slice(0, 4).includes('\0')) {
    return { offset: 0, message: 'the file is in UTF-16', fix: 'Save it as UTF-8.' };
  }
  const undecoded = text.indexOf('\ufffd');
  if (undecoded >= 0) {
    return { offset: undecoded, message: 'the file is not in UTF-8 from here on', fix: 'Save it as UTF-8.' };
  }
  const control = CONTROL.exec(text);
  if (control) {
    return {
      offset: control.index,
      message: `YAML allows no control character U+${code(control[0])}`,
      fix: 'Take it out; check that this is a text file.',
    };
  }
  return undefined;
};
