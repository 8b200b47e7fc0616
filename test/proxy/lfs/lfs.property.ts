import fc from 'fast-check';
import { readLfsBatch } from '../../../lib/proxy/lfs/read-lfs-batch.ts';
import { takeSignedUrls } from '../../../lib/proxy/lfs/take-signed-urls.ts';

const HOST = 'lfs.github.com';
const BEFORE = [
  'https://',
  'https://',
  'http://',
  'HTTPS:',
  '//',
  'https:\\\\',
  'https://x@',
  'https://evil.example/',
];
const AFTER = [
  '/x',
  '/x',
  ':443/x',
  ':8443/x',
  '.evil.example/x',
  '@evil.example/x',
  '#@x',
  '\\x',
  '%2eevil/x',
  '\t/x',
];

const href = fc
  .tuple(
    fc.constantFrom(...BEFORE),
    fc.constantFrom(HOST, HOST, 'LFS.GitHub.com', 'evil.example'),
    fc.constantFrom(...AFTER),
  )
  .map((parts) => parts.join(''));
const header = fc.dictionary(
  fc.constantFrom('Authorization', 'authorization', 'Host', 'X', 'A\r\nB'),
  fc.string(),
);
const action = fc.record(
  { href, header, expires_in: fc.constantFrom(0, 60, -1, 1e12) },
  { requiredKeys: ['href'] },
);
const answer = fc.record({
  objects: fc.array(
    fc.record({
      oid: fc.constant('ab'.repeat(32)),
      size: fc.nat(),
      actions: fc.dictionary(fc.constantFrom('download', 'upload', 'verify', 'other'), action, {
        maxKeys: 2,
      }),
    }),
    { maxLength: 2 },
  ),
});

export const signedUrlsLeadToStorage = {
  title: 'an LFS answer hands out addresses of allowed hosts only, and no credential',
  run(cases: number): void {
    fc.assert(
      fc.property(answer, fc.constantFrom('upload' as const, 'download' as const), (given, operation) => {
        const options = { operation, isAllowedHost: (host: string) => host === HOST, now: 0 };
        const taken = takeSignedUrls(Buffer.from(JSON.stringify(given)), options);
        if ('allowed' in taken) throw new TypeError(taken.reason);
        const text = String(taken.body);
        const handed = JSON.parse(text).objects.flatMap(
          (object: { actions?: Record<string, { href: string }> }) =>
            Object.values(object.actions ?? {}).map((one) => one.href),
        );
        const isKept = handed.every((one: string) => taken.urls.some(({ url }) => url === one));
        const isStorage = handed.every((one: string) => new URL(one).origin === `https://${HOST}`);
        if (!isKept || !isStorage || /authorization/i.test(text)) throw new TypeError(text);
      }),
      { numRuns: cases },
    );
  },
};

export const lfsBatchesAreAlwaysDecided = {
  title: 'any bytes as an LFS batch are read or refused',
  run(cases: number): void {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
      fc.json().map((json) => Buffer.from(json)),
    );
    fc.assert(
      fc.property(bytes, (given) => {
        const read = readLfsBatch(given);
        if (!('allowed' in read)) JSON.parse(String(read.body));
        takeSignedUrls(given, { operation: 'download', isAllowedHost: () => true, now: 0 });
      }),
      { numRuns: cases },
    );
  },
};
