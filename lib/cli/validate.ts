import { KmError } from '../errors.ts';
import { compileProfile } from '../profile/compile-profile.ts';
import { parseProfile } from '../profile/parse-profile.ts';
import { ProfileError } from '../profile/profile-error.ts';
import type { Invocation } from './invocation.ts';
import { readProfileText, warningLine } from './read-profile.ts';

interface Verdict {
  readonly file: string;
  readonly valid: boolean;
  readonly warnings: readonly string[];
  readonly problems: readonly unknown[];
}

/** `km validate FILE…`: `FILE: valid`, or every error of every file. */
export async function run({ args, options, terminal }: Invocation): Promise<number> {
  const verdicts: Verdict[] = [];
  for (const file of args) {
    try {
      const { profile, warnings } = parseProfile(await readProfileText(file), { file });
      compileProfile(profile, { file });
      verdicts.push({ file, valid: true, warnings: warnings.map(warningLine), problems: [] });
      if (options.json) continue;
      terminal.result(`${file}: valid`);
      for (const warning of warnings) terminal.warn(warningLine(warning));
    } catch (error) {
      if (!(error instanceof KmError)) throw error;
      const problems = error instanceof ProfileError ? error.problems : [{ file, message: error.message }];
      verdicts.push({ file, valid: false, warnings: [], problems });
      if (!options.json) terminal.error(error.message);
    }
  }
  if (options.json) terminal.json({ files: verdicts });
  return verdicts.every(({ valid }) => valid) ? 0 : 1;
}
