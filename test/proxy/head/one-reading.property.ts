import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { rawHeads } from './raw-heads.ts';
import { readStrictly, type StrictRequest } from './read-strictly.ts';
import { type Recorded, startRecordingServer } from './recording-server.ts';

const HOST = 'github.com';

const isSubsequence = (part: readonly unknown[], whole: readonly unknown[]): boolean => {
  let found = 0;
  for (const each of whole) if (isDeepStrictEqual(each, part[found])) found += 1;
  return found === part.length;
};

const isReadingOf = (recorded: Recorded, strict: StrictRequest | undefined): boolean =>
  strict !== undefined &&
  recorded.method === strict.method &&
  recorded.target === strict.target &&
  /^\/[^#]*$/.test(recorded.target) &&
  recorded.host === HOST &&
  [HOST, `${HOST}:443`].includes(strict.host.toLowerCase()) &&
  isSubsequence(recorded.headers, strict.headers) &&
  (recorded.body === undefined || recorded.body === strict.body);

/** Random bytes to a real server: what it lets through is what the letter of the standard reads in them, and all of it. */
export const oneReading = {
  title: 'whatever head is let through has exactly one reading',
  run: async (cases: number): Promise<void> => {
    await using server = await startRecordingServer(HOST);
    let passed = 0;
    await fc.assert(
      fc.asyncProperty(rawHeads, async (bytes) => {
        const strict = readStrictly(bytes);
        const { recorded } = await server.send(bytes);
        passed += recorded.length;
        const different = recorded.findIndex((each, index) => !isReadingOf(each, strict[index]));
        if (different < 0) return;
        throw new TypeError(
          `${JSON.stringify(bytes.toString('latin1'))} was let through as ${JSON.stringify(recorded)}, and reads as ${JSON.stringify(strict)}`,
        );
      }),
      { numRuns: cases },
    );
    // A property over requests that are all refused would tell nothing.
    if (passed < cases / 10)
      throw new TypeError(`only ${passed} requests of ${cases} cases were let through`);
  },
} as const;
