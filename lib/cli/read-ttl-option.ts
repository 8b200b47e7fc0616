import { KmError } from '../errors.ts';
import { readTimeToLive } from '../profile/time-to-live.ts';

/** The seconds of `--ttl`; 0: until destroyed. Throws `ErrUsage`. */
export function readTtlOption(text: string): number {
  const read = readTimeToLive(text);
  if ('seconds' in read) return read.seconds;
  throw new KmError('ErrUsage', `--ttl '${text}': ${read.finding.message}.`, { remedy: read.finding.fix });
}
