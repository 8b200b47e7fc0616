/** What the first bytes of a TLS connection are, as far as they go. */
export type ClientHello =
  | { readonly state: 'more' }
  | { readonly state: 'bad'; readonly why: string }
  | {
      readonly state: 'read';
      /** Lower case; absent when the client names no host. */
      readonly servername?: string;
      /** Another name may be hidden within (Encrypted Client Hello, or its predecessor). */
      readonly hidesName: boolean;
      /** Bytes up to the end of the record that it ends with. */
      readonly length: number;
    };

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const HOST_NAME = 0;
/** encrypted_client_hello, and encrypted_server_name of its drafts. */
const HIDING = [0xfe0d, 0xffce];
const RECORD_HEAD = 5;
const MESSAGE_HEAD = 4;
/** Clients with post-quantum keys need about 2 KiB, in one record or two. */
const LONGEST = 16 * 1024;
const MOST_RECORDS = 16;

const MORE = { state: 'more' } as const;
const bad = (why: string): ClientHello => ({ state: 'bad', why });

/** Reads fields off a buffer, and throws a RangeError where one is missing. */
class Fields {
  #rest: Buffer;

  constructor(bytes: Buffer) {
    this.#rest = bytes;
  }

  get isAtEnd(): boolean {
    return this.#rest.length === 0;
  }

  number(size: 1 | 2): number {
    return this.bytes(size).readUIntBE(0, size);
  }

  bytes(size: number): Buffer {
    if (this.#rest.length < size) throw new RangeError('a field is cut off');
    const bytes = this.#rest.subarray(0, size);
    this.#rest = this.#rest.subarray(size);
    return bytes;
  }

  /** A field with its length before it. */
  vector(sizeOfLength: 1 | 2): Buffer {
    return this.bytes(this.number(sizeOfLength));
  }
}

const nameIn = (extension: Buffer): string => {
  const outer = new Fields(extension);
  const list = new Fields(outer.vector(2));
  const type = list.number(1);
  const name = list.vector(2);
  if (type !== HOST_NAME || !list.isAtEnd || !outer.isAtEnd) throw new RangeError('it names no one host');
  return name.toString('latin1').toLowerCase();
};

const readMessage = (message: Buffer, length: number): ClientHello => {
  const fields = new Fields(message);
  // Version, random.
  fields.bytes(2 + 32);
  // Session id, cipher suites, compression methods.
  for (const size of [1, 2, 1] as const) fields.vector(size);
  const extensions = new Fields(fields.isAtEnd ? Buffer.alloc(0) : fields.vector(2));
  if (!fields.isAtEnd) return bad('something follows its extensions');
  const seen = new Set<number>();
  let servername: string | undefined;
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const content = extensions.vector(2);
    if (seen.has(type)) return bad('an extension stands twice');
    seen.add(type);
    if (type === SERVER_NAME) servername = nameIn(content);
  }
  const hidesName = HIDING.some((type) => seen.has(type));
  return { state: 'read', hidesName, length, ...(servername === undefined ? {} : { servername }) };
};

/** Puts the records together that a handshake message is spread over. */
const readRecords = (bytes: Buffer): ClientHello => {
  let message = Buffer.alloc(0);
  let offset = 0;
  for (let records = 0; records < MOST_RECORDS; records += 1) {
    const [type, major] = [bytes[offset], bytes[offset + 1]];
    if (type !== undefined && (type !== HANDSHAKE || (major !== undefined && major !== 3))) {
      return bad('this is no TLS');
    }
    if (bytes.length < offset + RECORD_HEAD) return MORE;
    const end = offset + RECORD_HEAD + bytes.readUInt16BE(offset + 3);
    if (end === offset + RECORD_HEAD) return bad('a record is empty');
    message = Buffer.concat([message, bytes.subarray(offset + RECORD_HEAD, end)]);
    offset = end;
    if (message.length > 0 && message[0] !== CLIENT_HELLO) return bad('it begins with another message');
    const wanted = message.length < MESSAGE_HEAD ? MESSAGE_HEAD : MESSAGE_HEAD + message.readUIntBE(1, 3);
    if (wanted > LONGEST) return bad('it is too long');
    if (bytes.length < end) return MORE;
    if (message.length > wanted) return bad('another message follows in its record');
    if (message.length >= MESSAGE_HEAD && message.length === wanted) {
      return readMessage(message.subarray(MESSAGE_HEAD), offset);
    }
  }
  return bad('it is in too many records');
};

/**
 * Reads the ClientHello that a TLS connection begins with, to the host that it names (SNI). Strict: what a server could
 * read in another way is `bad`.
 *
 * {@link https://www.rfc-editor.org/rfc/rfc8446#section-4.1.2} {@link https://www.rfc-editor.org/rfc/rfc6066#section-3}
 */
export const readClientHello = (bytes: Buffer): ClientHello => {
  try {
    return readRecords(bytes);
  } catch (error) {
    if (error instanceof RangeError) return bad(error.message);
    throw error;
  }
};
