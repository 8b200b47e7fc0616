import { describe, expect, test } from 'vitest';
import { resourceNames } from '../../lib/broker/names.ts';
import type { SandboxContext } from '../../lib/sandbox/context.ts';
import { followEvents, type RefresherEvent, readEvents } from '../../lib/sandbox/refresher-events.ts';

const ID = 'sb-1234abcd';
const NOW = Date.parse('2026-11-20T10:00:00Z');
const MINUTE = 60_000;

interface Line {
  readonly eventId: string;
  readonly timestamp: number;
  readonly message: string;
}

const line = (eventId: string, minutesAgo: number, entry: object = { event: 'token_generated' }): Line => ({
  eventId,
  timestamp: NOW - minutesAgo * MINUTE,
  message: JSON.stringify({ sandbox_id: ID, ...entry }),
});

type Page = { readonly events?: readonly Line[]; readonly nextToken?: string } | Error;

/** A CloudWatch that answers page after page as it is told to, and stops the follower after the last. */
function scene(pages: readonly Page[]) {
  const requests: Record<string, unknown>[] = [];
  const slept: number[] = [];
  const stopped = new AbortController();
  const context: SandboxContext = {
    names: resourceNames(),
    region: 'us-east-1',
    client: <Client>() =>
      ({
        send: async ({ input }: { input: Record<string, unknown> }) => {
          const page = pages[requests.push(input) - 1];
          if (page === undefined) throw new Error('asked past the end');
          if (page instanceof Error) throw page;
          return page;
        },
      }) as Client,
    now: async () => NOW,
    sleep: async (ms) => {
      slept.push(ms);
      if (requests.length >= pages.length) stopped.abort();
    },
    randomBytes: (count) => new Uint8Array(count),
  };
  return { context, requests, slept, signal: stopped.signal };
}

const ids = (events: readonly RefresherEvent[]): string[] => events.map(({ id }) => id);

describe('reading', () => {
  test("asks for this sandbox's lines only, since then, and goes on through empty pages", async () => {
    const { context, requests } = scene([
      { events: [line('a', 9)], nextToken: '1' },
      { nextToken: '2' },
      { events: [line('b', 8)] },
    ]);
    expect(ids(await readEvents(context, { id: ID, since: NOW - 10 * MINUTE }))).toEqual(['a', 'b']);
    const asked = {
      logGroupName: '/aws/lambda/km-github-token-refresher',
      startTime: NOW - 10 * MINUTE,
      filterPattern: `{ $.sandbox_id = "${ID}" }`,
    };
    expect(requests).toEqual([asked, { ...asked, nextToken: '1' }, { ...asked, nextToken: '2' }]);
  });

  test('orders by when it happened, not by when CloudWatch had the line', async () => {
    const { context } = scene([
      {
        events: [
          line('late', 1, { event: 'token_revoked', time: '2026-11-20T09:50:00.000Z' }),
          line('soon', 5, { event: 'token_generated', time: '2026-11-20T09:55:00.000Z' }),
        ],
      },
    ]);
    const events = await readEvents(context, { id: ID, since: 0 });
    expect(events.map(({ id, time }) => [id, time])).toEqual([
      ['late', NOW - 10 * MINUTE],
      ['soon', NOW - 5 * MINUTE],
    ]);
  });

  test.each([
    ['no JSON', 'REPORT RequestId: 1'],
    ['JSON without an event', '{"sandbox_id":"sb-1234abcd"}'],
    ['JSON that is no object', 'null'],
  ])('leaves out a line that is %s', async (_what, message) => {
    const { context } = scene([{ events: [{ eventId: 'a', timestamp: NOW, message }, line('b', 1)] }]);
    expect(ids(await readEvents(context, { id: ID, since: 0 }))).toEqual(['b']);
  });

  test.each(['sb-1', '../../etc', 'sb-1234abcd" || $.x = "y', ''])(
    'does not ask for %j, which is no sandbox id',
    async (id) => {
      const { context, requests } = scene([{}]);
      await expect(readEvents(context, { id, since: 0 })).rejects.toMatchObject({ code: 'ErrUsage' });
      expect(requests).toEqual([]);
    },
  );

  test('says that the platform is missing where there is no log', async () => {
    const missing = Object.assign(new Error('no such group'), { name: 'ResourceNotFoundException' });
    const { context } = scene([missing]);
    await expect(readEvents(context, { id: ID, since: 0 })).rejects.toMatchObject({
      code: 'ErrPlatformMissing',
      remedy: 'km bootstrap',
    });
  });
});

describe('following', () => {
  const follow = async (pages: readonly Page[], options: { since?: number; last?: number } = {}) => {
    const { context, requests, slept, signal } = scene(pages);
    const problems: unknown[] = [];
    const events: RefresherEvent[] = [];
    const following = followEvents(context, {
      id: ID,
      since: NOW - 60 * MINUTE,
      every: 2_000,
      signal,
      onProblem: (error) => problems.push(error),
      ...options,
    });
    for await (const event of following) events.push(event);
    return { shown: ids(events), problems, requests, slept };
  };

  test('shows each event once, also one that arrives late and out of order', async () => {
    const { shown, slept } = await follow([
      { events: [line('a', 9), line('b', 5)] },
      { events: [line('b', 5)] },
      { events: [line('late', 5.5), line('b', 5), line('c', 0)] },
      { events: [line('c', 0)] },
    ]);
    expect(shown).toEqual(['a', 'b', 'late', 'c']);
    expect(slept).toEqual([2_000, 2_000, 2_000, 2_000]);
  });

  test('looks back six minutes each time, but not past its beginning', async () => {
    const from = async (since: number) =>
      (await follow([{}, {}], { since })).requests.map(({ startTime }) => startTime);
    expect(await from(NOW - 60 * MINUTE)).toEqual([NOW - 60 * MINUTE, NOW - 6 * MINUTE]);
    expect(await from(NOW - 1 * MINUTE)).toEqual([NOW - 1 * MINUTE, NOW - 1 * MINUTE]);
  });

  test('may begin with the newest only, and then shows all', async () => {
    const { shown } = await follow(
      [
        { events: [line('a', 5), line('b', 4), line('c', 3)] },
        { events: [line('a', 5), line('b', 4), line('c', 3), line('d', 0), line('e', 0)] },
      ],
      { last: 1 },
    );
    expect(shown).toEqual(['c', 'd', 'e']);
  });

  test('goes on after a look that failed, and says so once for each reason', async () => {
    const { shown, problems } = await follow([
      { events: [line('a', 1)] },
      new Error('throttled'),
      new Error('throttled'),
      { events: [line('a', 1), line('b', 0)] },
      new Error('throttled'),
    ]);
    expect(shown).toEqual(['a', 'b']);
    expect(problems).toEqual([new Error('throttled'), new Error('throttled')]);
  });

  test('ends with the failure of its first look', async () => {
    await expect(follow([new Error('denied')])).rejects.toThrow('denied');
  });
});
