import { SANDBOX_ID } from '../../lib/broker/names.ts';

/** The sandbox that an event is about, as a field for the log, so that `km logs` finds the line; nothing for any other event. */
export const sandboxIn = (event: unknown): { readonly sandbox_id?: string } => {
  const id = (event as { readonly sandbox_id?: unknown } | null)?.sandbox_id;
  return typeof id === 'string' && SANDBOX_ID.test(id) ? { sandbox_id: id } : {};
};
