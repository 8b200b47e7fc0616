import { expect, test } from 'vitest';
import { type Check, type Finding, NotLooked, skip } from '../../lib/doctor/check.ts';
import type { Facts } from '../../lib/doctor/facts.ts';
import { healthyFacts } from './healthy-facts.ts';

/** What is broken, and the one line that the check then has, with its remedy. */
export type Case = readonly [
  broken: string,
  changes: Partial<Facts>,
  expected: readonly [status: Finding['status'], finding: RegExp, remedy?: string | RegExp],
  options?: Partial<Facts['options']>,
];

const findingsOf = (check: Check, facts: Facts): Promise<readonly Finding[]> =>
  check.run(facts).catch((error: unknown) => {
    if (error instanceof NotLooked) return [skip(error.message)];
    throw error;
  });

/** Runs a check on each broken world, and on one that is whole, in which it finds nothing. */
export function checkTable(check: Check, cases: readonly Case[]): void {
  test(`${check.id}: nothing is wrong where all is well`, async () => {
    const findings = await check.run(healthyFacts());
    expect(findings.map(({ status }) => status)).toEqual(findings.map(() => 'ok'));
    expect(findings.length).toBeGreaterThan(0);
  });

  for (const [broken, changes, [status, finding, remedy], options] of cases) {
    test(`${check.id}: ${broken}`, async () => {
      const findings = await findingsOf(check, healthyFacts(changes, options));
      const told = findings.filter((each) => each.status !== 'ok');
      if (status === 'ok') {
        expect(told).toEqual([]);
        expect(findings.map((each) => each.finding).join('\n')).toMatch(finding);
        return;
      }
      expect(told).toHaveLength(1);
      expect(told[0]?.status).toBe(status);
      expect(told[0]?.finding).toMatch(finding);
      if (typeof remedy === 'string') expect(told[0]?.remedy).toBe(remedy);
      else if (remedy) expect(told[0]?.remedy).toMatch(remedy);
    });
  }
}
