import { ERROR_FAULTS, KmError } from '../errors.ts';
import { explainAwsError } from '../sandbox/explain-aws-error.ts';
import { explainFileError } from './explain-file-error.ts';
import type { Terminal } from './terminal.ts';

/** Exit codes: 0 done, 1 the user can mend it, 2 bad usage, 70 (EX_SOFTWARE) a fault of km's own. */
const EXIT_CODES = { user: 1, usage: 2, km: 70 } as const;

/** Errors whose message says all: the code behind it would only be in the way. */
const WITHOUT_CODE: ReadonlySet<string> = new Set(['ErrUsage', 'ErrProfileInvalid', 'ErrProfileUnreadable']);

/** Says an error on stderr (as JSON with `--json`) and returns the exit code. */
export function reportError(
  error: unknown,
  terminal: Terminal,
  options: { readonly json: boolean; readonly verbose: boolean },
): number {
  const known = explainFileError(explainAwsError(error));
  if (known instanceof KmError) {
    if (options.json) {
      const problems = (known as { problems?: unknown }).problems;
      terminal.error(
        JSON.stringify({ error: known.code, message: known.message, remedy: known.remedy, problems }),
      );
    } else {
      const code = WITHOUT_CODE.has(known.code) ? '' : ` (${known.code})`;
      terminal.error(`${terminal.style('red', 'error:', 'stderr')} ${known.message}${code}`);
      if (known.remedy !== undefined)
        terminal.error(`${terminal.style('cyan', '→', 'stderr')} ${known.remedy}`);
      if (options.verbose && known.cause !== undefined)
        terminal.error(String((known.cause as Error)?.stack ?? known.cause));
    }
    return EXIT_CODES[ERROR_FAULTS[known.code]];
  }
  terminal.error(`km: a fault of its own: ${known instanceof Error ? known.message : String(known)}`);
  if (options.verbose && known instanceof Error && known.stack) terminal.error(known.stack);
  else terminal.error('→ Run the command again with --verbose and report what it prints.');
  return EXIT_CODES.km;
}
