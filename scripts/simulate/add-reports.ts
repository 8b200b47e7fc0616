import type { CellReport } from './cell.ts';

/** Fields that are of the worst platform, and not of all together. */
const WORST: Readonly<Record<string, (one: number, other: number) => number>> = {
  peak: Math.max,
  limit: Math.max,
  deepest: Math.max,
  parameters: Math.max,
  closestMinutes: Math.min,
};

const add = (one: unknown, other: unknown, field: string): unknown => {
  if (typeof one === 'number' && typeof other === 'number')
    return (WORST[field] ?? ((left, right) => left + right))(one, other);
  return Object.fromEntries(
    Object.entries(one as object).map(([name, value]) => [
      name,
      add(value, (other as Readonly<Record<string, unknown>>)[name], name),
    ]),
  );
};

/** The report of several platforms: counts are added up, and of what each has for itself the worst one's stands. */
export const addReports = (reports: readonly CellReport[]): CellReport =>
  reports.reduce((sum, report) => add(sum, report, '') as CellReport);
