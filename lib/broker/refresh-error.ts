import { KmError } from '../errors.ts';

export interface OwnerFailure {
  readonly owner: string;
  readonly error: KmError;
}

/**
 * One error for a refresh that failed for some of its owners: each with its reason, under their common code, or
 * `ErrRefreshFailed` when they failed for different ones. A reason that all owners share is told once. It asks to wait
 * only as long as every one of them is asked to: one owner's limit does not hold up another.
 */
export const refreshError = (failures: readonly OwnerFailure[], ownerCount: number): KmError => {
  const codes = new Set(failures.map(({ error }) => error.code));
  const messages = new Set(failures.map(({ error }) => error.message));
  const remedies = new Set(failures.flatMap(({ error }) => error.remedy ?? []));
  const [onlyCode] = codes;
  const [onlyMessage] = messages;
  const waitMs = Math.min(...failures.map(({ error }) => error.waitMs ?? 0));
  const message =
    messages.size === 1 && onlyMessage !== undefined && failures.length === ownerCount
      ? onlyMessage
      : failures.map(({ owner, error }) => `${owner}: ${error.message} (${error.code})`).join('; ');
  return new KmError(codes.size === 1 && onlyCode !== undefined ? onlyCode : 'ErrRefreshFailed', message, {
    ...(remedies.size === 0 ? {} : { remedy: [...remedies].join(' ') }),
    ...(waitMs > 0 ? { waitMs } : {}),
  });
};
