import { formatDuration, UNITS } from '../format-duration.ts';

export { formatDuration };

/** A moment and how far off it is: `2026-11-20 10:00 UTC (in 44m)`. Both in milliseconds since the epoch. */
export function formatMoment(moment: number, now: number): string {
  const stamp = `${new Date(moment).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return moment >= now
    ? `${stamp} (in ${formatDuration(moment - now)})`
    : `${stamp} (${formatDuration(now - moment)} ago)`;
}

/** Columns padded to their widest cell; the first row is the heading. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** The milliseconds of a duration in one unit, `90s`, `46m`, `2h` or `3d`; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const length = UNITS.find(([name]) => name === unit)?.[1];
  return count === undefined || length === undefined ? undefined : Number(count) * length;
}
