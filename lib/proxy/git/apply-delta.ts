/** A number in groups of seven bits, the lowest first, and where it ends. */
const readSize = (delta: Buffer, from: number): readonly [size: number, end: number] | undefined => {
  let size = 0;
  for (let at = from, scale = 1; at < from + 6; at += 1, scale *= 128) {
    const byte = delta[at];
    if (byte === undefined) return undefined;
    size += (byte & 0x7f) * scale;
    if (byte < 0x80) return [size, at + 1];
  }
  return undefined;
};

/** Four bits of the instruction say which bytes of the offset follow, three which of the size. */
const readCopy = (delta: Buffer, from: number): readonly [offset: number, size: number, end: number] => {
  const instruction = delta[from] ?? 0;
  let at = from + 1;
  const numberOf = (firstBit: number, bytes: number): number => {
    let value = 0;
    for (let index = 0; index < bytes; index += 1) {
      if (!(instruction & (firstBit << index))) continue;
      value += (delta[at] ?? 0) * 256 ** index;
      at += 1;
    }
    return value;
  };
  const offset = numberOf(0x01, 4);
  return [offset, numberOf(0x10, 3) || 0x10000, at];
};

/**
 * What a delta makes of its base; `undefined` when it is no delta of that base, or its result is larger than `most`
 * bytes. No more than that is ever allocated.
 *
 * {@link https://git-scm.com/docs/gitformat-pack#_deltified_representation}
 */
export const applyDelta = (base: Buffer, delta: Buffer, most: number): Buffer | undefined => {
  const [baseSize, afterBase] = readSize(delta, 0) ?? [];
  if (baseSize !== base.length || afterBase === undefined) return undefined;
  const [size, afterSizes] = readSize(delta, afterBase) ?? [];
  if (size === undefined || afterSizes === undefined || size > most) return undefined;
  const result = Buffer.alloc(size);
  let length = 0;
  let at = afterSizes;
  while (at < delta.length) {
    const instruction = delta[at] ?? 0;
    if (instruction === 0) return undefined;
    const [source, from, to, end] = (() => {
      if (instruction < 0x80) return [delta, at + 1, at + 1 + instruction, at + 1 + instruction] as const;
      const [offset, copied, next] = readCopy(delta, at);
      return [base, offset, offset + copied, next] as const;
    })();
    if (to > source.length || end > delta.length || length + to - from > size) return undefined;
    source.copy(result, length, from, to);
    length += to - from;
    at = end;
  }
  return length === size ? result : undefined;
};
