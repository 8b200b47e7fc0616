import type { AuditEntry } from '../audit-entry.ts';
import type { DecisionLog, EgressProxyOptions } from './proxy-options.ts';

/** The audit log, for callers that have nothing to do with its failures: `isWritable` tells of them. */
export interface SafeLog {
  readonly write: (entry: AuditEntry) => void;
  readonly isWritable: () => boolean;
}

/** A refusal stays one whether or not it can be written down, and whoever holds the log's file hears of it once. */
export const safeLog = (audit: DecisionLog, log: EgressProxyOptions['log']): SafeLog => {
  let wasWritable = true;
  const tell = (isWritable: boolean, error?: unknown): void => {
    if (wasWritable && !isWritable) log('proxy.audit', { error: String(error ?? 'not writable') });
    wasWritable = isWritable;
  };
  return {
    write: (entry) => {
      try {
        audit.write(entry);
      } catch (error) {
        tell(false, error);
      }
    },
    isWritable: () => {
      const isWritable = audit.isWritable();
      tell(isWritable);
      return isWritable;
    },
  };
};
