export interface Target {
  readonly scheme: 'http' | 'https';
  /** Lower case, with the port only where it is not the scheme's own. */
  readonly host: string;
  /** In origin form. */
  readonly target: string;
}

const ABSOLUTE = /^http:\/\/([a-z0-9.-]+(?::[1-9][0-9]{0,4})?)(\/[\x21-\x7e]*)?$/i;
const ORIGIN = /^\/[\x21-\x7e]*$/;
const DEFAULT_PORT = { http: ':80', https: ':443' } as const;

/** A host as it compares: in lower case and without the scheme's own port. */
export const comparedHost = (host: string, scheme: 'http' | 'https'): string => {
  const port = DEFAULT_PORT[scheme];
  const lower = host.toLowerCase();
  return lower.endsWith(port) ? lower.slice(0, -port.length) : lower;
};

/**
 * Reads a request target: within a CONNECT the path alone, outside of one a whole `http` URL without a user.
 * No fragment, no character outside of visible ASCII. `undefined` for any other form.
 *
 * {@link https://www.rfc-editor.org/rfc/rfc9112#section-3.2}
 */
export const readTarget = (url: string, connectHost: string | undefined): Target | undefined => {
  if (url.includes('#')) return undefined;
  if (connectHost !== undefined) {
    if (!ORIGIN.test(url)) return undefined;
    return { scheme: 'https', host: comparedHost(connectHost, 'https'), target: url };
  }
  const [whole, host = '', path = '/'] = ABSOLUTE.exec(url) ?? [];
  return whole === undefined ? undefined : { scheme: 'http', host: comparedHost(host, 'http'), target: path };
};
