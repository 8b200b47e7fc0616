import fc from 'fast-check';
import { expect } from 'vitest';
import { ReceivePackReader } from '../../../lib/proxy/git/parse-receive-pack.ts';
import type { ReceivePackProgress } from '../../../lib/proxy/git/receive-pack-request.ts';
import { arbitraryPush } from './arbitrary-push.ts';
import { readAsGit } from './git-reading.ts';

const IDS = ['1a'.repeat(20), '2b'.repeat(20), '3c'.repeat(20)];

const readAll = (chunks: readonly Buffer[]): ReceivePackProgress => {
  const reader = new ReceivePackReader();
  for (const chunk of chunks) {
    const progress = reader.push(chunk);
    if (progress.state !== 'more') return progress;
  }
  return reader.end();
};

const cutAt = (stream: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = [...cuts.map((cut) => cut % (stream.length + 1)), stream.length].sort((a, b) => a - b);
  return places.map((place, index) => stream.subarray(places[index - 1] ?? 0, place));
};

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

/** What is let through is what git reads, however it is cut into chunks. */
export const receivePackReading = {
  title: 'receive-pack: every push that is read is read as git reads it',
  run: (cases: number): void => {
    fc.assert(
      fc.property(arbitraryPush(IDS), fc.array(fc.nat(4_000), { maxLength: 5 }), (stream, cuts) => {
        const progress = readAll([stream]);
        expect(readAll(cutAt(stream, cuts))).toEqual(progress);
        if (progress.state !== 'complete') return;
        const { commands, capabilities, headLength, hasPack } = progress.request;
        const reading = readAsGit(stream);
        expect(reading?.commands).toEqual(
          commands.map((command) => ({ ...command, ref: latin1(command.ref) })),
        );
        expect(reading?.hasPushOptions).toBe(capabilities.has('push-options'));
        if (!capabilities.has('push-options')) expect(headLength).toBe(reading?.end);
        const rest = stream.toString('latin1', headLength, headLength + 4);
        expect(rest).toBe(hasPack ? 'PACK' : '');
      }),
      { numRuns: cases },
    );
  },
};

/** No bytes make the reader throw, or take more than it may. */
export const receivePackBytes = {
  title: 'receive-pack: any bytes are read or refused',
  run: (cases: number): void => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 4 }), (chunks) => {
        expect(readAll(chunks.map((chunk) => Buffer.from(chunk))).state).not.toBe('more');
      }),
      { numRuns: cases },
    );
  },
};
