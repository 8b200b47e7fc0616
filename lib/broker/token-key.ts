import type { ResourceNames } from './names.ts';
import type { RefreshEvent } from './refresh-event.ts';

/**
 * Alias of the key that encrypts a sandbox's tokens: its own, or the platform's shared one. See
 * docs/decisions/shared-encryption.md.
 */
export const tokenKeyAlias = (
  names: ResourceNames,
  event: Pick<RefreshEvent, 'sandbox_id' | 'encryption'>,
): string => (event.encryption === 'shared' ? names.sharedKeyAlias : names.keyAlias(event.sandbox_id));
