import { readFile } from 'node:fs/promises';

/** Resident memory of a process in MiB, now and at its most; undefined where the kernel does not tell. */
export const memoryOf = async (
  pid: number,
): Promise<{ readonly now: number; readonly most: number } | undefined> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return status === '' ? undefined : { now: field('VmRSS'), most: field('VmHWM') };
};
