import { headerValues } from './header-values.ts';

/**
 * What an answer says about its connection (RFC 9110, 7.6.1), what would have a client go around the proxy, and cookies,
 * which no request through the proxy carries back.
 */
const DROPPED = new Set([
  'alt-svc',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-connection',
  'set-cookie',
  'set-cookie2',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The headers of an answer that go back to the client, names in lower case and in their order. `content-length` is among
 * them: whoever changes the body has to change it.
 *
 * {@link https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1}
 */
export const answeredHeaders = (rawHeaders: readonly string[]): [name: string, value: string][] => {
  const headers = headerValues(rawHeaders);
  const named = (headers.get('connection') ?? [])
    .flatMap((value) => value.toLowerCase().split(','))
    .map((option) => option.trim());
  return [...headers].flatMap(([name, values]) =>
    DROPPED.has(name) || named.includes(name) ? [] : values.map((value): [string, string] => [name, value]),
  );
};
