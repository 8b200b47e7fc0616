/** One `name=value` of a query, both decoded once. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
}

/** RFC 3986 `query` without `;`, which older servers part parameters with, and with the brackets of `labels[]`. */
const QUERY = /^(?:[A-Za-z0-9\-._~!$&'()*+,=:@/?[\]]|%[0-9A-Fa-f]{2})*$/;

const CONTROL_BUT_LINE_ENDS = /[^\P{Cc}\t\r\n]/u;

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
};

/** The parameters of a raw query, in order; `undefined` when it is not well-formed. */
export const readParameters = (query: string | undefined): readonly Parameter[] | undefined => {
  if (query === undefined || query === '') return [];
  if (!QUERY.test(query)) return undefined;
  const parameters: Parameter[] = [];
  for (const pair of query.split('&')) {
    const [rawName = '', ...rest] = pair.split('=');
    const name = decoded(rawName);
    const value = decoded(rest.join('='));
    if (name === undefined || value === undefined) return undefined;
    if (CONTROL_BUT_LINE_ENDS.test(name + value) || /[\t\r\n]/.test(name)) return undefined;
    parameters.push({ name, value });
  }
  return parameters;
};

/** A parameter's name as lenient servers read it: `Access-Token[]` is `access_token`. */
export const plainName = ({ name }: Parameter): string =>
  name.trim().replace(/\[.*$/s, '').replaceAll('-', '_').toLowerCase();
