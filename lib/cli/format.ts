const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** A duration in its two largest units: `2h 5m`, `44m`, `12s`. Takes milliseconds. */
export function formatDuration(ms: number): string {
  let rest = Math.max(0, Math.round(ms / 1000) * 1000);
  const parts: string[] = [];
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(' ') || '0s';
}

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
