/**
 * What a client may ask of receive-pack. Another capability could change how the rest is to be read, so that none is
 * passed on which is not known here; `push-cert` is left out for that reason.
 *
 * {@link https://git-scm.com/docs/gitprotocol-capabilities}
 */
const PLAIN: ReadonlySet<string> = new Set([
  'report-status',
  'report-status-v2',
  'delete-refs',
  'side-band',
  'side-band-64k',
  'quiet',
  'atomic',
  'ofs-delta',
  'push-options',
  'no-thin',
]);

const WITH_VALUE = /^(?:object-format|agent|session-id)=/;

const nameOf = (capability: string): string => capability.replace(/=.*$/s, '');

/**
 * The capabilities of a push, or what is wrong with them. git finds a capability between any white space and takes
 * `atomic=0` for `atomic`: here they are words between spaces, each once, and only those that take a value have one.
 */
export const parseCapabilities = (text: string): ReadonlySet<string> | string => {
  if (!/^[\x20-\x7e]*$/.test(text)) return 'its capabilities hold other characters than visible ASCII';
  const words = text.split(' ').filter((word) => word !== '');
  const unknown = words.find((word) => !PLAIN.has(word) && !WITH_VALUE.test(word));
  if (unknown !== undefined) return `its capability ${unknown.slice(0, 60)} is not one that km knows`;
  if (new Set(words.map(nameOf)).size < words.length) return 'it asks for a capability twice';
  return new Set(words);
};
