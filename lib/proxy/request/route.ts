import type { Refusal, RequestFacts } from '../decision.ts';
import { refuse, shown } from './refuse.ts';
import type { Segment, StrictTarget } from './strict-target.ts';

/** A request on its surface, after the strict reading of its target. */
export interface SurfaceRequest {
  readonly method: string;
  readonly host: string;
  /** The path and query within the surface. */
  readonly target: StrictTarget;
}

export const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD';

/** A request that no rule lets through. */
export const noRoute = (
  { method, host }: Pick<RequestFacts, 'method' | 'host'>,
  path: string,
  options: { readonly repo?: string; readonly remedy?: string } = {},
): Refusal =>
  refuse({
    rule: 'route',
    reason: `${shown(method)} ${shown(host)}${shown(path)} is not among the requests that km lets through`,
    remedy:
      options.remedy ?? 'See the list in docs/proxy.md; what is not on it is to be done outside the sandbox.',
    ...(options.repo === undefined ? {} : { repo: options.repo }),
  });

/** Whether segments spell a word of a route, without any encoding. */
export const isWord = (segment: Segment | undefined, word: string): boolean => segment?.raw === word;

/** The decoded text of the segments from one on, as one path. */
export const textOf = (segments: readonly Segment[]): string => segments.map(({ text }) => text).join('/');
