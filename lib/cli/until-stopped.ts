import type { Terminal } from './terminal.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs what goes on until somebody has seen enough: a signal, or the end of who reads stdout, aborts it. That is no error. */
export async function untilStopped<T>(
  terminal: Terminal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { stdout } = terminal.streams;
  const stop = (): void => controller.abort();
  for (const signal of SIGNALS) process.on(signal, stop);
  stdout.once('close', stop);
  stdout.once('error', stop);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
    stdout.off('close', stop);
    stdout.off('error', stop);
  }
}
