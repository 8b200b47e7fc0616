import { type PublishedToken, refresh } from '../../lib/broker/refresh.ts';
import { parseRefreshEvent } from '../../lib/broker/refresh-event.ts';
import { type Invocation, type Runtime, workDeadline } from './invocation.ts';

export interface RefreshAnswer {
  readonly sandbox_id: string;
  readonly tokens: readonly PublishedToken[];
}

/** Answers a schedule's or an operator's refresh event, for a sandbox that has its first tokens. Throws what `parseRefreshEvent` and `refresh` throw. */
export const onRefresh = async (
  runtime: Runtime,
  event: unknown,
  invocation: Invocation,
): Promise<RefreshAnswer> => {
  const parsed = parseRefreshEvent(event);
  const tokens = await refresh(runtime.broker, parsed, {
    deadline: workDeadline(runtime, invocation),
    onlyExisting: true,
  });
  return { sandbox_id: parsed.sandbox_id, tokens };
};
