import { type Explanation, explainFailure } from './explain-failure.ts';
import type { RefresherEvent } from './refresher-events.ts';

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The code of what failed: its own field, or for a stack and for a retry that was given up the one in its reason. */
const codeOf = ({ code, reason }: RefresherEvent['fields']): string | undefined =>
  text(code) ?? /\bErr[A-Za-z]+\b/.exec(text(reason) ?? '')?.[0];

/** Why an event tells of a failure and what to do about it; `undefined` for one that tells of none. */
export function explainEvent({ event, fields }: RefresherEvent, id: string): Explanation | undefined {
  const code = event === 'refresh_refused' ? 'ErrSandboxNotFound' : codeOf(fields);
  if (code === undefined) return undefined;
  return explainFailure({ code, id, owner: text(fields.owner), remedy: text(fields.remedy) });
}
