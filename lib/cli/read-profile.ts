import { readFile } from 'node:fs/promises';
import { KmError } from '../errors.ts';
import { compileProfile, type SandboxPlan } from '../profile/compile-profile.ts';
import { parseProfile } from '../profile/parse-profile.ts';
import type { Terminal } from './terminal.ts';

/** Reads a profile from a file into a plan, and says its warnings. Throws `ErrProfileUnreadable` or `ErrProfileInvalid`. */
export async function readProfile(file: string, terminal: Terminal): Promise<SandboxPlan> {
  const text = await readProfileText(file);
  const { profile, warnings } = parseProfile(text, { file });
  for (const warning of warnings) terminal.warn(warning.message);
  const plan = compileProfile(profile, { file });
  return plan;
}

/** The bytes of a profile file, or why they cannot be read. */
export async function readProfileText(file: string): Promise<Buffer> {
  return readFile(file).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'there is no such file' : (cause.code ?? cause.message);
    throw new KmError('ErrProfileUnreadable', `${file}: cannot be read: ${why}`, {
      remedy: 'Give the path of a profile; examples/ has some.',
      cause,
    });
  });
}
