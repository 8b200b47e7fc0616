import type { Finding } from '../guard/check-ref-pattern.ts';

/** A host with at least one dot, whose last label begins with a letter, so that no address of any notation fits. */
const HOST =
  /^(?=.{1,253}$)(?:\*\.(?=.*\.))?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

const ADVICE: readonly (readonly [wrong: RegExp, message: string, fix: string])[] = [
  [
    /^[a-z][a-z0-9+.-]*:\/\//,
    'this is an address',
    'Write the host alone, without https:// and without a path.',
  ],
  [
    /^\[|^[0-9a-f]*:[0-9a-f:.]*$|^[0-9.]+$/,
    'the proxy lets names through, not IP addresses',
    'Write the host name.',
  ],
  [/:[0-9]*$/, 'a host stands without a port', 'Leave the port out; https is what the proxy lets through.'],
  [/\//, 'a host stands without a path', 'Write the host alone.'],
  [/^\*$/, 'this would let everything through', 'Name the hosts, or the domains as *.example.com.'],
  [/^\./, 'a domain is written with a star in front', 'Write *.example.com.'],
  [/\*/, 'a star stands for the first labels of a host only', 'Write *.example.com.'],
  [/\.$/, 'a host stands without a dot at its end', 'Leave the dot out.'],
  [/^[a-z0-9-]+$/, 'a host needs its domain', 'Write the whole name, such as registry.example.com.'],
];

/**
 * Says what is wrong with an entry of `allowedHosts`, or nothing: a host name in ASCII, or `*.` and a domain.
 *
 * {@link https://www.rfc-editor.org/rfc/rfc1123#section-2.1}
 */
export const checkHostName = (text: string): Finding | undefined => {
  const lower = text.toLowerCase();
  if (HOST.test(lower)) return undefined;
  const [, message, fix] = ADVICE.find(([wrong]) => wrong.test(lower)) ?? [
    undefined,
    'this is no host name',
    'Write a name such as registry.example.com; other scripts in their xn-- form.',
  ];
  return { message, fix };
};
