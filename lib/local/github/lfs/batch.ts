import { GitHubError } from '../github-error.ts';
import { reaches } from '../permissions.ts';
import type { LfsContext, LfsReply, LfsRoute } from './lfs-request.ts';

/** How long an action's URL works, in seconds. */
const LIFE_SECONDS = 900;
const MOST_OBJECTS = 1000;

interface Pointer {
  readonly oid: string;
  readonly size: number;
}

const invalid = (message: string) => new GitHubError(422, message);

const pointersOf = (value: unknown): Pointer[] => {
  if (!Array.isArray(value) || value.length === 0) throw invalid('No objects were given');
  if (value.length > MOST_OBJECTS) throw new GitHubError(413, 'Too many objects in one batch');
  return value.map((entry: { oid?: unknown; size?: unknown } | null) => ({
    oid: String(entry?.oid ?? ''),
    size: Number(entry?.size ?? -1),
  }));
};

const problem = (pointer: Pointer, code: number, message: string) => ({
  ...pointer,
  error: { code, message },
});

const objectOf = async (context: LfsContext, operation: 'upload' | 'download', pointer: Pointer) => {
  const { state, repository, addresses, now } = context;
  const { oid, size } = pointer;
  if (!/^[\da-f]{64}$/.test(oid) || !Number.isSafeInteger(size) || size < 0)
    return problem(pointer, 422, 'Validation Error');
  const held = await state.lfsObjects.size(repository.id, oid);
  const action = (base: string, path: string, method: 'GET' | 'PUT' | 'POST') => {
    const signed = state.signedUrls.sign({ base, path, method, now, seconds: LIFE_SECONDS });
    return {
      href: signed.href,
      header: { Authorization: signed.authorization },
      expires_at: new Date(signed.expiresAt).toISOString().replace(/\.\d+Z$/, 'Z'),
      expires_in: LIFE_SECONDS,
    };
  };
  const path = `/alambic/media/${repository.id}/${oid}`;
  if (operation === 'download')
    return held === undefined || held !== size
      ? problem(
          pointer,
          404,
          "Object does not exist on the server or you don't have permissions to access it",
        )
      : { ...pointer, authenticated: true, actions: { download: action(addresses.objects, path, 'GET') } };
  if (held === size) return pointer;
  return {
    ...pointer,
    authenticated: true,
    actions: {
      upload: action(addresses.objects, path, 'PUT'),
      verify: action(addresses.lfs, `/${repository.owner}/${repository.name}/verify`, 'POST'),
    },
  };
};

const batch = async (context: LfsContext): Promise<LfsReply> => {
  const { operation, transfers, objects, hash_algo: algorithm } = await context.body();
  if (operation !== 'upload' && operation !== 'download') throw invalid('Invalid operation');
  if (Array.isArray(transfers) && !transfers.includes('basic')) throw invalid('No known transfer adapter');
  if (algorithm !== undefined && algorithm !== 'sha256')
    throw new GitHubError(409, 'Unsupported hash algorithm');
  const { permissions } = context.principal.token;
  if (operation === 'upload' && !reaches(permissions, 'contents', 'write'))
    throw new GitHubError(403, 'You must have push access to upload objects to this repository.');
  const pointers = pointersOf(objects);
  return {
    status: 200,
    body: {
      transfer: 'basic',
      objects: await Promise.all(pointers.map((pointer) => objectOf(context, operation, pointer))),
      hash_algo: 'sha256',
    },
  };
};

/** @see https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md */
export const batchRoutes: readonly LfsRoute[] = [
  { method: 'POST', pattern: '/objects/batch', level: 'read', handle: batch },
];
