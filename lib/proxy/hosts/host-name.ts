import type { Refusal } from '../decision.ts';
import { shown } from '../shown.ts';

export interface Authority {
  /** Lower case. */
  readonly host: string;
  readonly port: number;
}

/** At least one dot; the last label begins with a letter, so that no notation of an address fits. */
const HOST = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;
const AUTHORITY = /^([^:]*):([1-9][0-9]{0,4})$/;

/** What `inet_aton` and the URL standard take for an IPv4 address: the last of the labels is a number. */
const NUMERIC = /(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)\.*$/;

/** Brackets, or colons between hex digits; a zone may follow. */
const IPV6 = /^\[|\]$|^[0-9a-f.]*:[0-9a-f.:]*(?:%|$)/;

/** A text as a lenient reader takes it: percent-decoded once, compatibility forms as ASCII, without user and port. */
const asLenientlyRead = (text: string): string => {
  const decoded = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return decoded
    .normalize('NFKC')
    .replace(/[\u3002\uff0e\uff61]/g, '.')
    .toLowerCase()
    .replace(/^[^@]*@/, '')
    .replace(/:[0-9]*$/, '');
};

const looksLikeAddress = (text: string): boolean => {
  const host = asLenientlyRead(text);
  return IPV6.test(host) || NUMERIC.test(host);
};

const refuse = (rule: 'host' | 'address', text: string, why: string, remedy: string): Refusal => ({
  allowed: false,
  rule,
  status: rule === 'address' ? 403 : 400,
  reason: `[km] CONNECT to '${shown(text)}' denied -- ${why}`,
  remedy,
});

/**
 * Reads the target of a CONNECT: a host name in ASCII and a port. Addresses are refused by rule `address` in any
 * notation that some resolver takes; all else that is no plain name and port, by rule `host`.
 *
 * {@link https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6}
 */
export const parseAuthority = (text: string): Authority | Refusal => {
  const [, name = '', digits = ''] = AUTHORITY.exec(text) ?? [];
  const host = name.toLowerCase();
  const port = Number(digits);
  // The pattern is tested on what came, since lower-casing makes ASCII of some characters that are none.
  if (/^[\x21-\x7e]+$/.test(name) && HOST.test(host) && port <= 65_535) return { host, port };
  if (looksLikeAddress(text)) {
    return refuse('address', text, 'an address, and only names are let through', 'Use the host name.');
  }
  return refuse(
    'host',
    text,
    'this is no host name and port',
    'Use a name with its domain and a port, such as github.com:443; no user, no dot at its end, ASCII only.',
  );
};

/** Whether a host, in lower case, is one of `allowedHosts`: `*.example.com` is every host below it, and not itself. */
export const hostIsAllowed = (allowedHosts: readonly string[], host: string): boolean =>
  allowedHosts.some((allowed) =>
    allowed.startsWith('*.')
      ? host.endsWith(allowed.slice(1)) && host.length > allowed.length - 1
      : host === allowed,
  );
