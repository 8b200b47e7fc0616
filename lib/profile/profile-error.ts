import { KmError } from '../errors.ts';
import { type ProfileProblem, problemLine, withoutSecrets } from './profile-problem.ts';

/** Past this the reader mends the first ones anyway. */
const MOST_LINES = 50;

/** A profile that cannot be used; carries every problem of it, in the order of the file. */
export class ProfileError extends KmError {
  override readonly name = 'ProfileError';
  readonly problems: readonly ProfileProblem[];

  constructor(problems: readonly ProfileProblem[]) {
    const sorted = problems
      .toSorted((a, b) => a.line - b.line || a.column - b.column)
      .map((problem) => ({
        ...problem,
        path: withoutSecrets(problem.path),
        value: withoutSecrets(problem.value),
        message: withoutSecrets(problem.message),
        fix: withoutSecrets(problem.fix),
      }));
    const rest = sorted.length - MOST_LINES;
    const lines = sorted.slice(0, MOST_LINES).map(problemLine);
    super('ErrProfileInvalid', [...lines, ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n'));
    this.problems = sorted;
  }
}
