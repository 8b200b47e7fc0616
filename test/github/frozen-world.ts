import type { GitHubTransport } from '../../lib/github/request.ts';

export const API = 'https://api.github.test';

/** 2026-11-20T10:00:00Z */
export const NOW = Date.UTC(2026, 10, 20, 10);

export interface FrozenWorld extends GitHubTransport {
  /** Every wait, in milliseconds. */
  readonly slept: readonly number[];
  readonly advance: (ms: number) => void;
}

/** A world whose time stands still but for what is slept, and whose jitter is none. */
export const frozenWorld = (fetch: typeof globalThis.fetch, start = NOW): FrozenWorld => {
  let now = start;
  const slept: number[] = [];
  return {
    apiUrl: API,
    fetch,
    now: () => now,
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
    random: () => 1,
    slept,
    advance: (ms) => {
      now += ms;
    },
  };
};

export const later = (ms = 30_000): number => NOW + ms;
