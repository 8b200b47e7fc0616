/** What a DER value is in: the tags that a certificate needs. {@link https://www.itu.int/rec/T-REC-X.690} */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

const lengthOf = (size: number): Buffer => {
  if (size < 0x80) return Buffer.of(size);
  const digits = Buffer.from(size.toString(16).padStart(size > 0xffff ? 6 : size > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.of(0x80 | digits.length), digits]);
};

const value = (tag: number, ...content: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.of(tag), lengthOf(body.length), body]);
};

const base128 = (part: number): number[] => {
  const digits = [part & 0x7f];
  for (let rest = Math.floor(part / 128); rest > 0; rest = Math.floor(rest / 128)) {
    digits.unshift((rest & 0x7f) | 0x80);
  }
  return digits;
};

const twoDigits = (number: number): string => String(number).padStart(2, '0');

/**
 * Writes ASN.1 values in their distinguished encoding, as far as X.509 certificates need them.
 *
 * {@link https://www.rfc-editor.org/rfc/rfc5280#section-4.1}
 */
export const der = {
  boolean: (flag: boolean): Buffer => value(TAG.boolean, Buffer.of(flag ? 0xff : 0)),

  /** A number that is not negative, as big-endian bytes. */
  integer: (bytes: Uint8Array): Buffer => {
    const from = bytes.findIndex((byte) => byte !== 0);
    const digits = from < 0 ? Buffer.of(0) : Buffer.from(bytes.subarray(from));
    const sign = (digits[0] ?? 0) >= 0x80 ? Buffer.of(0) : Buffer.alloc(0);
    return value(TAG.integer, sign, digits);
  },

  bitString: (bytes: Uint8Array, unusedBits = 0): Buffer =>
    value(TAG.bitString, Buffer.of(unusedBits), bytes),

  octetString: (bytes: Uint8Array): Buffer => value(TAG.octetString, bytes),

  /** Dotted, as `2.5.29.17`. */
  oid: (dotted: string): Buffer => {
    const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
    return value(TAG.oid, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
  },

  utf8String: (text: string): Buffer => value(TAG.utf8String, Buffer.from(text)),

  /** To the second; a UTCTime until 2049 and a GeneralizedTime after it, as RFC 5280 wants. */
  time: (milliseconds: number): Buffer => {
    const date = new Date(milliseconds);
    const year = date.getUTCFullYear();
    const rest = [
      date.getUTCMonth() + 1,
      date.getUTCDate(),
      date.getUTCHours(),
      date.getUTCMinutes(),
      date.getUTCSeconds(),
    ];
    const digits = `${rest.map(twoDigits).join('')}Z`;
    return year < 2050
      ? value(TAG.utcTime, Buffer.from(`${twoDigits(year % 100)}${digits}`))
      : value(TAG.generalizedTime, Buffer.from(`${year}${digits}`));
  },

  sequence: (...parts: readonly Uint8Array[]): Buffer => value(TAG.sequence, ...parts),

  /** A set of one value: more would need sorting. */
  setOf: (part: Uint8Array): Buffer => value(TAG.set, part),

  /** `[number]` around whole values. */
  explicit: (number: number, ...parts: readonly Uint8Array[]): Buffer => value(0xa0 | number, ...parts),

  /** `[number]` instead of the tag of a primitive value, of which `content` is the inside. */
  implicit: (number: number, content: Uint8Array): Buffer => value(0x80 | number, content),
} as const;
