/** A request as RFC 9112 has it; `body` is undefined when it is cut off or broken. */
export interface StrictRequest {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  /** Names in lower case. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | undefined;
}

/** The end of the text that can be read, or where it stops being a request. */
class Unreadable extends Error {}

/** Spaces in any number: section 3 lets a reader take them so, and no reader takes them for anything else. */
const REQUEST_LINE = /^([A-Z]+) +([\x21-\x7e]+) +HTTP\/1\.1$/;
const FIELD =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?|)[ \t]*$/;
/** A size, and extensions of visible characters. */
const CHUNK_LINE = /^([0-9A-Fa-f]{1,12})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/;

class Text {
  #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#text.length === 0;
  }

  /** Up to the next CR LF, which is the only end of a line; neither of the two may stand alone. */
  line(): string {
    const end = this.#text.indexOf('\r\n');
    const line = this.#text.slice(0, Math.max(0, end));
    if (end < 0 || /[\r\n]/.test(line)) throw new Unreadable('no line');
    this.#text = this.#text.slice(end + 2);
    return line;
  }

  /** Before a request they are nothing: section 2.2 says so of CR LF, and node's parser reads either alone so as well. */
  skipLineEnds(): void {
    this.#text = this.#text.replace(/^[\r\n]+/, '');
  }

  take(length: number): string {
    if (this.#text.length < length) throw new Unreadable('cut off');
    const taken = this.#text.slice(0, length);
    this.#text = this.#text.slice(length);
    return taken;
  }
}

const readFields = (text: Text): (readonly [string, string])[] => {
  const fields: (readonly [string, string])[] = [];
  for (let line = text.line(); line !== ''; line = text.line()) {
    const [whole, name = '', value = ''] = FIELD.exec(line) ?? [];
    if (whole === undefined) throw new Unreadable('no field');
    fields.push([name.toLowerCase(), value]);
  }
  return fields;
};

const readChunks = (text: Text): string => {
  let body = '';
  for (;;) {
    const [, digits] = CHUNK_LINE.exec(text.line()) ?? [];
    if (digits === undefined) throw new Unreadable('no chunk');
    const size = Number.parseInt(digits, 16);
    if (size === 0) {
      readFields(text);
      return body;
    }
    body += text.take(size);
    if (text.line() !== '') throw new Unreadable('a chunk is longer than it says');
  }
};

const readBody = (text: Text, values: (name: string) => readonly string[]): string => {
  const [lengths, codings] = [values('content-length'), values('transfer-encoding')];
  const [length] = lengths;
  if (codings.length > 0) return readChunks(text);
  return length === undefined ? '' : text.take(Number(length));
};

const readRequest = (text: Text): { request: StrictRequest; isWhole: boolean } => {
  text.skipLineEnds();
  const [whole, method = '', target = ''] = REQUEST_LINE.exec(text.line()) ?? [];
  if (whole === undefined) throw new Unreadable('no request line');
  const headers = readFields(text);
  const values = (name: string) => headers.filter(([other]) => other === name).map(([, value]) => value);
  const [hosts, lengths, codings] = ['host', 'content-length', 'transfer-encoding'].map(values);
  const isAmbiguous =
    hosts?.length !== 1 ||
    (lengths?.length ?? 0) + (codings?.length ?? 0) > 1 ||
    !(lengths ?? []).every((length) => /^(?:0|[1-9]\d*)$/.test(length)) ||
    !(codings ?? []).every((coding) => coding === 'chunked') ||
    values('upgrade').length > 0;
  if (isAmbiguous) throw new Unreadable('more than one reading');
  const head = { method, target, host: hosts?.[0] ?? '', headers };
  try {
    return { request: { ...head, body: readBody(text, values) }, isWhole: true };
  } catch (error) {
    if (error instanceof Unreadable) return { request: { ...head, body: undefined }, isWhole: false };
    throw error;
  }
};

/**
 * Reads the requests of a connection by the letter of RFC 9112, up to the first that has no reading, or more than one:
 * what a proxy may let through at most.
 */
export const readStrictly = (bytes: Buffer): readonly StrictRequest[] => {
  const text = new Text(bytes.toString('latin1'));
  const requests: StrictRequest[] = [];
  try {
    while (!text.isAtEnd) {
      const { request, isWhole } = readRequest(text);
      requests.push(request);
      if (!isWhole) break;
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
  }
  return requests;
};
