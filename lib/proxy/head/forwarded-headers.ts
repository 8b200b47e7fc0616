/**
 * The headers of a request that go on to GitHub: what chooses the form of an answer, tells what a body is, and makes a
 * request conditional or partial. Nothing that carries a credential, and nothing of the connection; what says where the
 * body ends is the proxy's own.
 */
const FORWARDED = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-encoding',
  'content-type',
  'git-protocol',
  'graphql-features',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'pragma',
  'range',
  // The zone that GitHub writes the times of new commits in.
  'time-zone',
  'user-agent',
  'x-github-api-version',
]);

/** The headers of a request that are forwarded, names in lower case and in their order; any other is left out. */
export const forwardedHeaders = (rawHeaders: readonly string[]): [name: string, value: string][] => {
  const forwarded: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    if (FORWARDED.has(name)) forwarded.push([name, rawHeaders[index + 1] ?? '']);
  }
  return forwarded;
};
