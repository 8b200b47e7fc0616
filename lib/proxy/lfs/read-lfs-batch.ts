import type { Refusal } from '../decision.ts';
import { type Fields, readJsonObject, refuseBody, shownText } from '../rest/json-body.ts';

/** git-lfs asks for a hundred at once. */
const MOST_OBJECTS = 1000;

const isOid = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

type Parts = { readonly [name: string]: unknown };

const objectOf = (value: unknown): Parts | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const { oid, size } = value as Fields;
  return isOid(oid) && isSize(size) ? { oid, size } : undefined;
};

const refOf = (value: unknown): Parts | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const { name } = value as Fields;
  return typeof name === 'string' ? { ref: { name } } : undefined;
};

/**
 * Reads an LFS batch request (`POST {repo}.git/info/lfs/objects/batch`) and writes it anew: `operation`, `objects` and
 * `ref` as they came, and of the transfers `basic` only, since the proxy reads the answers of no other. An `upload`
 * needs `contents: write`.
 *
 * {@link https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md}
 */
export const readLfsBatch = (
  body: Buffer,
): Refusal | { readonly operation: 'upload' | 'download'; readonly body: Buffer } => {
  const read = readJsonObject(body);
  if ('allowed' in read) return read;
  const { operation, objects, ref, hash_algo: algorithm, transfers } = read.fields;
  if (operation !== 'upload' && operation !== 'download') {
    const shown = typeof operation === 'string' ? `'${shownText(operation)}'` : 'none';
    return refuseBody(
      `The operation of an LFS batch is upload or download, not ${shown}.`,
      'Send one of the two.',
    );
  }
  if (algorithm !== undefined && algorithm !== null && algorithm !== 'sha256') {
    return refuseBody('LFS objects are named by sha256 only.', "Leave 'hash_algo' out.");
  }
  if (Array.isArray(transfers) && transfers.length > 0 && !transfers.includes('basic')) {
    return refuseBody(
      'LFS objects go over the basic transfer only.',
      'Unset lfs.customtransfer and lfs.standalonetransferagent, or add basic to the transfers.',
    );
  }
  const listed = Array.isArray(objects) ? objects.map(objectOf) : [];
  if (listed.length === 0 || listed.length > MOST_OBJECTS || listed.includes(undefined)) {
    return refuseBody(
      `The objects of an LFS batch are 1 to ${MOST_OBJECTS}, each with an oid of 64 hex digits in lower case and a size in bytes.`,
      'Send them so.',
    );
  }
  const anew = { operation, transfers: ['basic'], ...refOf(ref), objects: listed };
  return { operation, body: Buffer.from(JSON.stringify(anew)) };
};
