import { problem } from './problem.ts';

/** The arguments by which a connection is paged. */
export interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

const cursorOf = (index: number): string => Buffer.from(`cursor:v2:${index}`).toString('base64');

const indexOf = (cursor: string | null | undefined, otherwise: number): number => {
  if (!cursor) return otherwise;
  const [, index] = /^cursor:v2:(\d{1,9})$/.exec(Buffer.from(cursor, 'base64').toString('latin1')) ?? [];
  if (index === undefined)
    throw problem('INVALID_CURSOR_ARGUMENTS', `\`${cursor}\` does not appear to be a valid cursor.`);
  return Number(index);
};

const MOST = 100;

/** Checks how much is asked for, and cuts it out: the items, and where they begin. */
const pageOf = <T>(name: string, args: PageArguments, all: readonly T[]) => {
  const size = args.first ?? args.last;
  if (size === null || size === undefined)
    throw problem(
      'MISSING_PAGINATION_BOUNDARIES',
      `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`,
    );
  if (size < 0 || size > MOST)
    throw problem(
      'EXCESSIVE_PAGINATION',
      `Requesting ${size} records on the \`${name}\` connection exceeds the \`first\` limit of ${MOST} records.`,
    );
  const from = indexOf(args.after, -1) + 1;
  const to = Math.min(all.length, indexOf(args.before, all.length));
  const start = typeof args.first === 'number' ? from : Math.max(from, to - size);
  return { start, items: all.slice(start, Math.min(to, start + size)) };
};

/**
 * A page of a list, as GitHub's connections give it: whatever is more than a count needs `first` or `last`, of at most
 * 100.
 * @see https://docs.github.com/en/graphql/guides/using-pagination-in-the-graphql-api
 */
export const connection = <T, V>(
  name: string,
  args: PageArguments,
  all: readonly T[],
  view: (item: T) => V,
) => {
  const page = () => pageOf(name, args, all);
  return {
    totalCount: all.length,
    nodes: () => page().items.map(view),
    edges: () => {
      const { items, start } = page();
      return items.map((item, index) => ({ cursor: cursorOf(start + index), node: view(item) }));
    },
    pageInfo: () => {
      const { items, start } = page();
      const end = start + items.length;
      return {
        hasNextPage: end < all.length,
        hasPreviousPage: start > 0,
        startCursor: items.length > 0 ? cursorOf(start) : null,
        endCursor: items.length > 0 ? cursorOf(end - 1) : null,
      };
    },
  };
};

/** A connection to what the local GitHub has none of. */
export const none = (name: string) => (args: PageArguments) => connection(name, args, [], (item) => item);
