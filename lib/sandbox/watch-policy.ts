import { setTimeout as delay } from 'node:timers/promises';
import type { ProxyPolicy } from '../proxy/proxy-policy.ts';

export interface WatchPolicyOptions {
  readonly first: ProxyPolicy;
  /** Reads the policy anew; rejects when it cannot be read or is not valid. */
  readonly read: () => Promise<ProxyPolicy>;
  /** Milliseconds between two looks. */
  readonly every: number;
  readonly onChange: (policy: ProxyPolicy) => void;
  /** The policy in force stays. Told once for each new reason. */
  readonly onProblem: (error: unknown) => void;
}

export interface WatchedPolicy {
  /** The last policy that was good. */
  current(): ProxyPolicy;
  /** Looks now. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** Keeps a policy up to date by looking at where it comes from; what goes on under the old one is not interrupted. */
export function watchPolicy(options: WatchPolicyOptions): WatchedPolicy {
  const stopped = new AbortController();
  let policy = options.first;
  let problem = '';
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    try {
      const next = await options.read();
      problem = '';
      if (stopped.signal.aborted || JSON.stringify(next) === JSON.stringify(policy)) return;
      policy = next;
      options.onChange(next);
    } catch (error) {
      const text = String(error);
      if (!stopped.signal.aborted && text !== problem) options.onProblem(error);
      problem = text;
    }
  };
  const reload = async (): Promise<void> => {
    // A look that began before the change may not have seen it.
    await looking;
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      await delay(options.every, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined);
      if (!stopped.signal.aborted) await reload();
    }
  })();
  return {
    current: () => policy,
    reload,
    stop: () => {
      stopped.abort();
      return watching;
    },
  };
}
