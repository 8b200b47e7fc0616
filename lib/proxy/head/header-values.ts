/** The headers of a message by their names in lower case, each with its values in their order. */
export type HeaderValues = ReadonlyMap<string, readonly string[]>;

/** Reads the flat list of names and values that node:http gives as `rawHeaders`. */
export const headerValues = (rawHeaders: readonly string[]): HeaderValues => {
  const values = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const known = values.get(name);
    const value = rawHeaders[index + 1] ?? '';
    if (known) known.push(value);
    else values.set(name, [value]);
  }
  return values;
};
