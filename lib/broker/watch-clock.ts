import type { Fetch } from '../fetch.ts';
import type { GitHubTransport } from '../github/request.ts';

export interface WatchedClock {
  readonly world: Omit<GitHubTransport, 'apiUrl'>;
  /** GitHub's clock less this one, in milliseconds, to about a second; `undefined` before GitHub has answered. */
  readonly skewMs: () => number | undefined;
}

/** A world that notes how far GitHub's clock is from its own, by the `Date` of the first answer, whatever that says. */
export const watchClock = (world: Omit<GitHubTransport, 'apiUrl'>): WatchedClock => {
  let skewMs: number | undefined;
  const fetch: Fetch = async (input, init) => {
    const response = await world.fetch(input, init);
    const date = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(date)) skewMs ??= date - world.now();
    return response;
  };
  return { world: { ...world, fetch }, skewMs: () => skewMs };
};
