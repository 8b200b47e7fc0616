import { type EventFields, exactly, readEvent } from './read-event.ts';
import { sandboxId } from './refresh-event.ts';

/** Takes every token of a sandbox back, whatever its stack says. */
export interface RevokeEvent {
  readonly action: 'revoke';
  readonly sandbox_id: string;
}

/** Looks over the tokens of all sandboxes. */
export interface SurveyEvent {
  readonly action: 'survey';
}

const REVOKE_EVENT: EventFields<RevokeEvent> = {
  action: { read: exactly('revoke') },
  sandbox_id: { read: sandboxId },
};

const SURVEY_EVENT: EventFields<SurveyEvent> = { action: { read: exactly('survey') } };

const REMEDY = 'Use the km that the platform was deployed with, or km bootstrap it with this one.';

/**
 * Reads a revoke event. Unknown fields are refused.
 *
 * @throws {KmError} `ErrRefreshEventInvalid`, naming every bad field and its value.
 */
export const parseRevokeEvent = (value: unknown): RevokeEvent =>
  readEvent(value, REVOKE_EVENT, { name: 'revoke event', remedy: REMEDY });

/** The same for a survey event. */
export const parseSurveyEvent = (value: unknown): SurveyEvent =>
  readEvent(value, SURVEY_EVENT, { name: 'survey event', remedy: REMEDY });
