import type { ZodError } from 'zod';

const placeOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');

/** A seed or faults that cannot be used; `problems` has one line for each, with its place. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
  readonly problems: readonly string[];

  /** @param what `seed` or `faults`, for the message and for problems of the whole */
  constructor(what: string, error: ZodError) {
    const problems = error.issues.map((issue) => `${placeOf(issue.path) || what}: ${issue.message}`);
    super(`The ${what} cannot be used:\n${problems.map((line) => `  ${line}`).join('\n')}`);
    this.problems = problems;
  }
}
