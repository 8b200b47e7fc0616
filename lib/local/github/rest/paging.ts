import type { RestContext } from './route.ts';

const DEFAULT_SIZE = 30;
const LARGEST_SIZE = 100;

export interface Page<T> {
  readonly items: readonly T[];
  /** The Link header, when there is another page. */
  readonly headers: Readonly<Record<string, string>>;
}

const positive = (text: string | null, otherwise: number): number =>
  text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : otherwise;

/**
 * The page that `page` and `per_page` ask for (30 a page, 100 at most), with GitHub's Link header.
 * @see https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
 */
export const paginate = <T>(context: RestContext, all: readonly T[]): Page<T> => {
  const size = Math.min(LARGEST_SIZE, positive(context.query.get('per_page'), DEFAULT_SIZE));
  const page = positive(context.query.get('page'), 1);
  const last = Math.max(1, Math.ceil(all.length / size));
  const link = (rel: string, number: number): string => {
    const query = new URLSearchParams(context.query);
    query.set('page', String(number));
    return `<${context.apiUrl}${context.path}?${query}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [link('prev', Math.min(page - 1, last))] : []),
    ...(page < last ? [link('next', page + 1), link('last', last)] : []),
    ...(page > 1 ? [link('first', 1)] : []),
  ];
  return {
    items: all.slice((page - 1) * size, page * size),
    headers: links.length > 0 ? { link: links.join(', ') } : {},
  };
};
