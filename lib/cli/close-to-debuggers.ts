/**
 * Keeps SIGUSR1 from opening Node's debugger, for as long as the process lives: it listens on loopback, asks nobody who
 * they are, and shows the memory with the token to every user of the machine. Any process of the same user can send the
 * signal, also where the system keeps it from reading another's memory.
 *
 * @see https://nodejs.org/learn/getting-started/debugging
 */
export function closeToDebuggers(): void {
  process.on('SIGUSR1', () => undefined);
}
