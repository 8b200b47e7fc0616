/** The packet that ends a section. */
export const FLUSH = Buffer.from('0000', 'latin1');

/** git's own bound of a packet, its four length digits included. */
export const LONGEST_PACKET = 65_520;

const LENGTH = /^[0-9A-Fa-f]{4}$/;

/** The length that a packet's first four bytes give, those four included; `undefined` where git reads none. */
export const packetLength = (bytes: Buffer, at: number): number | undefined => {
  const digits = bytes.toString('latin1', at, at + 4);
  return LENGTH.test(digits) ? Number.parseInt(digits, 16) : undefined;
};

/**
 * One packet: four hex digits of length, and the payload.
 *
 * {@link https://git-scm.com/docs/gitprotocol-common#_pkt_line_format}
 *
 * @param payload Text, or bytes; at most 65,516 of them.
 */
export const packet = (payload: string | Buffer): Buffer => {
  const bytes = Buffer.from(payload);
  const length = (bytes.length + 4).toString(16).padStart(4, '0');
  return Buffer.concat([Buffer.from(length, 'latin1'), bytes]);
};
