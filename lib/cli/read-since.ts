import { KmError } from '../errors.ts';
import { parseDuration } from './format.ts';

/** A time, or a duration back from now. Milliseconds since the epoch. Throws `ErrUsage`. */
export function readSince(text: string, now: number): number {
  const duration = parseDuration(text);
  if (duration !== undefined) return now - duration;
  const time = /^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new KmError('ErrUsage', `--since '${text}' is neither a duration nor a time.`, {
    remedy: 'Write 10m, 2h or 2026-11-20T10:00:00Z.',
  });
}
