import { createReadStream } from 'node:fs';
import { KmError } from '../errors.ts';
import { compileProfile, type SandboxPlan } from '../profile/compile-profile.ts';
import { type ProfileWarning, parseProfile } from '../profile/parse-profile.ts';
import { whyRefused } from '../why-refused.ts';
import type { Terminal } from './terminal.ts';

/** Reads a profile from a file into a plan, and says its warnings. Throws `ErrProfileUnreadable` or `ErrProfileInvalid`. */
export async function readProfile(file: string, terminal: Terminal): Promise<SandboxPlan> {
  const text = await readProfileText(file);
  const { profile, warnings } = parseProfile(text, { file });
  for (const warning of warnings) terminal.warn(warningLine(warning));
  return compileProfile(profile, { file });
}

/** A warning with its place, as an editor can follow it. */
export const warningLine = ({ file, line, column, message }: ProfileWarning): string =>
  `${file}:${line}:${column}: ${message}`;

/** No profile is longer; what is read of a device or pipe that does not end. Bytes. */
const LONGEST = 1024 * 1024;

/** The bytes of a profile file, or why they cannot be read. */
export async function readProfileText(file: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(file, { end: LONGEST })) chunks.push(chunk as Buffer);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = whyRefused(cause) ?? code ?? message;
    throw new KmError('ErrProfileUnreadable', `${file}: cannot be read: ${why}`, {
      remedy: 'Give the path of a profile; examples/ has some.',
      cause,
    });
  }
  return Buffer.concat(chunks);
}
