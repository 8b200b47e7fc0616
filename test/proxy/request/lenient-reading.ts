/** A request as the most forgiving of servers would read it. */
export interface LenientReading {
  /** Lower case; `undefined` where the path names none. */
  readonly repo: string | undefined;
  /** The resolved path within the surface. */
  readonly path: string;
  /** Names of parameters, decoded, in lower case, without brackets. */
  readonly parameters: readonly string[];
}

/** Decodes what can be decoded, up to three times, and leaves the rest as it stands. */
const decodedAll = (text: string): string => {
  let current = text;
  for (let round = 0; round < 3; round += 1) {
    current = current.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
      Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
    );
  }
  return current;
};

/** Backslashes are slashes, path parameters are dropped, slashes merged, dots resolved, dots at the end cut. */
const normalised = (path: string): string[] => {
  const segments: string[] = [];
  for (const part of decodedAll(path).replaceAll('\\', '/').split('/')) {
    const segment = part
      .replace(/;.*$/s, '')
      .replace(/\p{Cc}/gu, '')
      .trim();
    if (segment === '' || segment === '.') continue;
    if (segment === '..') segments.pop();
    else segments.push(segment.replace(/\.+$/, '').toLowerCase());
  }
  return segments;
};

const PREFIXES: readonly (readonly [host: string, prefix: readonly string[], skip: number])[] = [
  ['github.com', [], 0],
  ['api.github.com', ['repos'], 1],
  ['uploads.github.com', ['repos'], 1],
  ['codeload.github.com', [], 0],
  ['raw.githubusercontent.com', ['wiki'], 1],
  ['raw.githubusercontent.com', [], 0],
  ['media.githubusercontent.com', ['media'], 1],
  ['ghe.example.com', ['api', 'v3', 'repos'], 3],
  ['ghe.example.com', ['api', 'uploads', 'repos'], 3],
  ['ghe.example.com', ['raw'], 1],
  ['ghe.example.com', ['media'], 1],
  ['ghe.example.com', ['codeload'], 1],
  ['ghe.example.com', [], 0],
];

/** Knows nothing of km's own reading: decodes three times, normalises everything, and then looks for the repository. */
export const lenientReading = (host: string, target: string): LenientReading => {
  const [path = '', ...query] = target.split('?');
  const segments = normalised(path.split('#')[0] ?? '');
  const found = PREFIXES.find(
    ([name, prefix]) => name === host && prefix.every((word, index) => segments[index] === word),
  );
  const [owner, repo] = segments.slice(found?.[2] ?? 0);
  const named = found !== undefined && owner !== undefined && repo !== undefined;
  return {
    repo: named ? `${owner}/${repo.replace(/(?:\.git)+$/, '')}` : undefined,
    path: `/${segments.join('/')}`,
    parameters: query
      .join('?')
      .split(/[&;]/)
      .map((pair) =>
        decodedAll(pair.split('=')[0] ?? '')
          .replace(/\[.*$/s, '')
          .trim()
          .toLowerCase(),
      ),
  };
};

/** The path decoded once and otherwise as it came, but for its case and for dots at the end of a segment. */
export const plainReading = (target: string): string => {
  const segments = decodeURIComponent(target.split('?')[0] ?? '')
    .replace(/(?<=.)\/$/, '')
    .split('/');
  return segments.map((segment) => segment.trim().replace(/\.+$/, '').toLowerCase()).join('/');
};
