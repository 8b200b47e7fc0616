import fc from 'fast-check';
import type { RefWrite } from '../../../lib/proxy/rest/ref-write.ts';
import { decide, GUARD, SHA, ZEROS } from './ref-write-scene.ts';

type Sent = Record<string, unknown>;

/** Every ref that a GitHub that reads names as git does, and as generously as it can, might take a name for. */
const readings = (name: unknown): string[] => {
  if (typeof name !== 'string')
    return name === undefined || name === null ? ['refs/heads/main'] : [`odd ${name}`];
  const trimmed = name.trim().replace(/\p{C}/gu, '');
  const path = new URL(`x:///${encodeURI(trimmed.toWellFormed())}`).pathname.slice(1);
  if (trimmed === '' || /^(?:head|@)$/i.test(trimmed) || trimmed === SHA) return ['refs/heads/main'];
  if (/^refs\//i.test(path)) return [path];
  if (/^(?:heads|tags|remotes)\//i.test(path)) return [`refs/${path}`];
  return [`refs/heads/${path}`];
};

/** With a pattern that also matches longer names of refs that are not allowed. */
const guard = { ...GUARD, allowedRefs: [...(GUARD.allowedRefs ?? []), '*/main'] };

const isAllowed = (ref: string): boolean =>
  /^refs\/(?:heads|tags)\/(?:feature\/.|.+\/main$)|^refs\/heads\/release\/.|^refs\/tags\/v/.test(ref);

interface Route {
  readonly write: RefWrite;
  /** What a well-formed body has. */
  readonly frame: Sent;
  /** What that GitHub does with the body that is sent to it, in full names. */
  readonly refs: (sent: Sent) => readonly string[];
  /** Whether it would lose commits or a ref by it. */
  readonly isLossy?: (sent: Sent) => boolean;
}

const ROUTES: readonly Route[] = [
  { write: { kind: 'contents' }, frame: { branch: 'feature/a' }, refs: ({ branch }) => readings(branch) },
  {
    write: { kind: 'merge' },
    frame: { base: 'feature/a', head: 'main' },
    refs: ({ base }) => readings(base),
  },
  {
    write: { kind: 'merge-upstream' },
    frame: { branch: 'feature/a' },
    refs: ({ branch }) => readings(branch),
  },
  {
    write: { kind: 'create-ref' },
    frame: { ref: 'refs/heads/feature/a', sha: SHA },
    refs: ({ ref }) => readings(ref),
    isLossy: ({ sha }) => sha === ZEROS,
  },
  {
    write: { kind: 'update-ref', ref: 'refs/heads/feature/a' },
    frame: { sha: SHA, force: false },
    refs: ({ ref }) => (ref === undefined ? [] : readings(ref)),
    isLossy: ({ force, sha }) => Boolean(force) || sha === ZEROS,
  },
  {
    write: { kind: 'write-pull' },
    frame: { base: 'feature/a', head: 'x' },
    refs: ({ base }) => (base === undefined ? [] : readings(base)),
  },
  {
    write: { kind: 'write-release' },
    frame: { tag_name: 'v1' },
    refs: ({ tag_name: tag }) =>
      readings(tag).map((ref) =>
        ref.replace(/^refs\/heads\//, typeof tag === 'string' ? 'refs/tags/' : '$&'),
      ),
  },
];

const NAMES = ['feature/a', 'feature/a', 'release/1', 'v1', 'main', 'HEAD', '@', '', SHA, ZEROS];
const BEFORE = [
  '',
  '',
  '',
  'refs/heads/',
  'heads/',
  'refs/tags/',
  'feature/../',
  ' ',
  '\u0000',
  '/',
  'mallory:',
];
const AFTER = ['', '', '', ' ', '\n', '.lock', '/', '@{0}', '^', '\u200b', '/../../main', '\ud800'];
const KEYS = [
  'branch',
  'base',
  'head',
  'ref',
  'sha',
  'force',
  'tag_name',
  'message',
  'Branch',
  '__proto__',
  'new_name',
];

const text = fc
  .tuple(fc.constantFrom(...BEFORE), fc.constantFrom(...NAMES), fc.constantFrom(...AFTER))
  .map((parts) => parts.join(''));
const value = fc.oneof(
  { arbitrary: text, weight: 6 },
  fc.constantFrom<unknown>(true, false, null, 0, 1, 'true', [], ['main'], {}, { name: 'main' }, 1e30),
);

/**
 * A request to one of the routes: what it needs, and values for what decides or for anything else. As text, so that keys
 * can stand twice, in any order.
 */
const request = fc.constantFrom(...ROUTES).chain((route) =>
  fc
    .tuple(
      fc.array(fc.tuple(fc.constantFrom(...Object.keys(route.frame)), value), { maxLength: 2 }),
      fc.oneof(
        { arbitrary: fc.constant([]), weight: 3 },
        fc.tuple(fc.tuple(fc.constantFrom(...KEYS), value)),
      ),
      fc.boolean(),
    )
    .map(([chosen, extra, isFirst]) => {
      const frame = Object.entries(route.frame);
      const entries = isFirst ? [...chosen, ...extra, ...frame] : [...frame, ...extra, ...chosen];
      const body = entries.map(([key, item]) => `${JSON.stringify(key)}:${JSON.stringify(item)}`).join(',');
      return { route, body: `{${body}}` };
    }),
);

/** How many of the requests were let through, so that a property over those alone is seen to say something. */
export const letThrough = { count: 0 };

export const refWritesObeyThePolicy = {
  title: 'a REST write that is let through moves no ref outside allowedRefs, however GitHub may read it',
  async run(cases: number): Promise<void> {
    await fc.assert(
      fc.asyncProperty(request, async ({ route: { write, refs, isLossy }, body }) => {
        const decision = await decide(write, body, { guard });
        if (!decision.allowed) return;
        letThrough.count += 1;
        const sent: Sent = JSON.parse(String(decision.body));
        const outside = refs(sent).filter((ref) => !isAllowed(ref));
        if (outside.length > 0 || isLossy?.(sent)) throw new TypeError(`${write.kind} ${decision.body}`);
      }),
      { numRuns: cases },
    );
  },
};

export const refWritesAreAlwaysDecided = {
  title: 'any bytes as the body of a REST write are decided',
  async run(cases: number): Promise<void> {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
      fc.json().map((json) => Buffer.from(json)),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ROUTES), bytes, async ({ write }, given) => {
        const decision = await decide(write, given);
        if (!decision.allowed && !decision.reason.startsWith('[km] ')) throw new TypeError(decision.reason);
      }),
      { numRuns: cases },
    );
  },
};
