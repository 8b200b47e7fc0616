import { inflateSync } from 'node:zlib';

/** A picture of three or four bytes a pixel, read as red, green, blue. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly at: (x: number, y: number) => readonly [red: number, green: number, blue: number];
}

const SIGNATURE = '89504e470d0a1a0a';

const paeth = (left: number, above: number, corner: number): number => {
  const guess = left + above - corner;
  const [toLeft, toAbove, toCorner] = [left, above, corner].map((each) => Math.abs(guess - each)) as [
    number,
    number,
    number,
  ];
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
};

const predicted = (filter: number, left: number, above: number, corner: number): number => {
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  return filter === 4 ? paeth(left, above, corner) : 0;
};

/** Decodes the PNGs that Chromium makes: 8 bits a channel, RGB or RGBA, not interlaced. @see https://www.w3.org/TR/png-3/ */
export const readPng = (file: Buffer): Picture => {
  if (file.subarray(0, 8).toString('hex') !== SIGNATURE) throw new Error('not a PNG');
  const parts: Buffer[] = [];
  let [width, height, channels] = [0, 0, 0];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    const type = file.toString('latin1', at + 4, at + 8);
    const data = file.subarray(at + 8, at + 8 + file.readUInt32BE(at));
    if (type === 'IDAT') parts.push(data);
    if (type !== 'IHDR') continue;
    [width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)];
    channels = data[9] === 6 ? 4 : 3;
    if (data[8] !== 8 || (data[9] !== 2 && data[9] !== 6) || data[12] !== 0)
      throw new Error('another kind of PNG');
  }
  const filtered = inflateSync(Buffer.concat(parts));
  const line = width * channels;
  const pixels = Buffer.alloc(line * height);
  for (let y = 0; y < height; y += 1) {
    const filter = filtered[y * (line + 1)] ?? 0;
    for (let x = 0; x < line; x += 1) {
      const here = y * line + x;
      const left = x >= channels ? (pixels[here - channels] ?? 0) : 0;
      const above = y > 0 ? (pixels[here - line] ?? 0) : 0;
      const corner = x >= channels && y > 0 ? (pixels[here - line - channels] ?? 0) : 0;
      pixels[here] = (filtered[y * (line + 1) + 1 + x] ?? 0) + predicted(filter, left, above, corner);
    }
  }
  return {
    width,
    height,
    at: (x, y) => {
      const here = Math.round(y) * line + Math.round(x) * channels;
      return [pixels[here] ?? 0, pixels[here + 1] ?? 0, pixels[here + 2] ?? 0];
    },
  };
};

/** How bright a pixel looks, from 0 to 255. */
export const brightness = ([red, green, blue]: readonly [number, number, number]): number =>
  0.299 * red + 0.587 * green + 0.114 * blue;
