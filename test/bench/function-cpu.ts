import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of /proc, 100 a second on every Linux that Node runs on. */
const TICK_MS = 10;

/** CPU time that the local cloud's function processes have used so far, in milliseconds; Linux only. */
export function functionCpuMs(cloudPid: number): number {
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(fields[1]) === cloudPid) ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // It has ended meanwhile.
    }
  }
  return ticks * TICK_MS;
}
