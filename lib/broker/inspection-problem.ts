import { asKmError } from './broker-log.ts';
import type { InspectionProblem } from './inspection.ts';

/** An error as part of an answer. Of what was not foreseen it tells kind and place only. */
export const problemOf = (thrown: unknown): InspectionProblem => {
  const { code, message, remedy } = asKmError(thrown);
  return { code, message, ...(remedy === undefined ? {} : { remedy }) };
};

/** Each problem once, in their order. */
export const onlyOnce = <T extends InspectionProblem>(problems: readonly T[]): readonly T[] => [
  ...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values(),
];
