import { describe, expect, test } from 'vitest';
import { resourceNames } from '../../lib/broker/names.ts';
import type { SandboxContext } from '../../lib/sandbox/context.ts';
import type { ListedSandbox } from '../../lib/sandbox/list-sandboxes.ts';
import { type FleetView, oldestFirst, viewFleet, watchFleet } from '../../lib/sandbox/watch-fleet.ts';

const NOW = Date.parse('2026-11-20T10:00:00Z');
const MINUTE = 60_000;
const ago = (minutes: number): string => new Date(NOW - minutes * MINUTE).toISOString();

const listed = (id: string, health: string, minted: readonly number[], createdAt = 0) =>
  ({
    id,
    health,
    createdAt,
    tokens: minted.map((minutes) => ({ mintedAt: ago(minutes) })),
  }) as unknown as ListedSandbox;

test('what lacks a token stands first, then the oldest token, last what is to have none', () => {
  const order = oldestFirst([
    listed('paused', 'paused', []),
    listed('fresh', 'healthy', [1]),
    listed('no-token', 'no-token', []),
    listed('two-owners', 'healthy', [2, 44]),
    listed('stale', 'stale', [50]),
    listed('one-of-two', 'no-token', [3]),
    listed('no-github', 'no-github', [], 1),
    listed('failed', 'failed', [], 2),
  ]);
  expect(order.map(({ id }) => id)).toEqual([
    'no-token',
    'one-of-two',
    'failed',
    'stale',
    'two-owners',
    'fresh',
    'paused',
    'no-github',
  ]);
});

/** Stacks and parameters of that many sandboxes, in pages of 50, and each request that was made. */
function scene(
  count: number,
  options: { readonly failing?: readonly number[]; readonly took?: number } = {},
) {
  const calls: string[] = [];
  const slept: number[] = [];
  const stopped = new AbortController();
  let time = 0;
  let looks = 0;
  const idOf = (index: number): string => `sb-${index.toString(16).padStart(8, '0')}`;
  const page = <T>(token: string | undefined, of: (index: number) => T) => {
    const from = Number(token ?? 0);
    const to = Math.min(count, from + 50);
    const some = Array.from({ length: to - from }, (_, index) => of(from + index));
    return { some, ...(to < count ? { NextToken: String(to) } : {}) };
  };
  const answers: Record<string, (input: { NextToken?: string }) => object> = {
    DescribeStacks: ({ NextToken }) => {
      const { some, ...rest } = page(NextToken, (index) => ({
        StackName: `km-sandbox-${idOf(index)}`,
        StackId: `arn:aws:cloudformation:us-east-1:123456789012:stack/km-sandbox-${idOf(index)}/1`,
        StackStatus: 'CREATE_COMPLETE',
      }));
      return { Stacks: some, ...rest };
    },
    DescribeParameters: ({ NextToken }) => {
      const { some, ...rest } = page(NextToken, (index) => ({
        Name: `/sandbox/${idOf(index)}/github-token`,
        Description: JSON.stringify({ owner: 'my-user', mintedAt: ago(index), expiresAt: ago(index - 60) }),
      }));
      return { Parameters: some, ...rest };
    },
  };
  const context: SandboxContext = {
    names: resourceNames(),
    region: 'us-east-1',
    client: <Client>() =>
      ({
        send: async (command: { input: { NextToken?: string } }) => {
          const operation = command.constructor.name.replace(/Command$/, '');
          calls.push(operation);
          if (options.failing?.includes(looks)) throw new Error('throttled');
          return answers[operation]?.(command.input);
        },
      }) as Client,
    now: async () => NOW,
    sleep: async (ms) => {
      slept.push(ms);
      looks += 1;
      if (looks === 4) stopped.abort();
    },
    randomBytes: (size) => new Uint8Array(size),
  };
  const timer = (): number => {
    time += options.took ?? 0;
    return time;
  };
  return { context, calls, slept, signal: stopped.signal, timer };
}

describe('a look', () => {
  test('is a page of stacks and of parameters at a time, and no request a sandbox', async () => {
    const { context, calls } = scene(120);
    const { at, sandboxes } = await viewFleet(context);
    expect([at, sandboxes.length]).toEqual([NOW, 120]);
    expect(calls.toSorted()).toEqual([
      ...Array(3).fill('DescribeParameters'),
      ...Array(3).fill('DescribeStacks'),
    ]);
  });
});

describe('watching', () => {
  const watch = async (options: Parameters<typeof scene>[1]) => {
    const { context, slept, signal, timer } = scene(2, options);
    const views: FleetView[] = [];
    for await (const view of watchFleet(context, { every: 5_000, signal, timer })) views.push(view);
    return { views, slept };
  };

  test('waits from one look to the next, and longer where looking takes longer', async () => {
    expect((await watch({ took: 10 })).slept).toEqual([5_000, 5_000, 5_000, 5_000]);
    expect((await watch({ took: 20_000 })).slept).toEqual([20_000, 20_000, 20_000, 20_000]);
  });

  test('keeps what it saw when a look fails, says why, and goes on', async () => {
    const { views } = await watch({ failing: [1, 2] });
    expect(views.map(({ problem }) => problem)).toEqual([
      undefined,
      new Error('throttled'),
      new Error('throttled'),
      undefined,
    ]);
    expect(views.map(({ sandboxes }) => sandboxes.length)).toEqual([2, 2, 2, 2]);
  });

  test('breaks a look off when it is ended, and tells of no failure', async () => {
    const stopped = new AbortController();
    const { context } = scene(1);
    const hanging: SandboxContext = {
      ...context,
      client: <Client>() =>
        ({
          send: (_command: object, { abortSignal }: { abortSignal: AbortSignal }) =>
            new Promise((_resolve, reject) => {
              abortSignal.addEventListener('abort', () => reject(abortSignal.reason));
              setImmediate(() => stopped.abort());
            }),
        }) as Client,
    };
    const views: FleetView[] = [];
    const watching = watchFleet(hanging, { every: 5_000, signal: stopped.signal, timer: () => 0 });
    for await (const view of watching) views.push(view);
    expect(views).toEqual([]);
  });

  test('ends with the failure of its first look', async () => {
    await expect(watch({ failing: [0] })).rejects.toThrow('throttled');
  });
});
