import { createHash } from 'node:crypto';
import type { OwnerScope } from './owner-scopes.ts';
import type { RefreshEvent } from './refresh-event.ts';

/** A short digest of what a token was asked for, the same in whatever order it is named. */
export const tokenScope = (
  { owner, repositories }: OwnerScope,
  permissions: RefreshEvent['permissions'],
): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        owner,
        repositories === 'all' ? repositories : [...repositories].sort(),
        Object.entries(permissions).sort(([one], [other]) => (one < other ? -1 : 1)),
      ]),
    )
    .digest('hex')
    .slice(0, 16);
