import type { RestRoute, Service } from '../cloud.ts';
import { decodeJson, encodeJson } from './json.ts';

export interface RestMatch {
  readonly route: RestRoute;
  readonly path: Readonly<Record<string, string>>;
}

const compiled = new WeakMap<RestRoute, RegExp>();

const patternOf = (route: RestRoute): RegExp => {
  let pattern = compiled.get(route);
  if (!pattern) {
    const source = route.path
      .split(/(\{[^}]+\})/)
      .map((part) =>
        part.startsWith('{') ? `(?<${part.slice(1, -1)}>[^/]+)` : part.replace(/[.*+?^$()|[\]\\]/g, '\\$&'),
      )
      .join('');
    pattern = new RegExp(`^${source.replace(/\/$/, '')}/?$`);
    compiled.set(route, pattern);
  }
  return pattern;
};

/** The route of a rest-json request; undefined when the service has none for it. */
export const matchRoute = (service: Service, method: string, path: string): RestMatch | undefined => {
  for (const route of service.routes ?? []) {
    if (route.method !== method) continue;
    const groups = patternOf(route).exec(path);
    if (!groups) continue;
    const members = Object.entries(groups.groups ?? {}).map(([name, value]) => [
      name,
      decodeURIComponent(value),
    ]);
    return { route, path: Object.fromEntries(members) };
  }
  return undefined;
};

/** Merges body, query, headers and path into one input under the API's member names; the path wins. */
export const decodeRest = (
  match: RestMatch,
  query: URLSearchParams,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: Buffer,
): Record<string, unknown> => {
  const { route } = match;
  const input: Record<string, unknown> = {};
  if (route.payload) input[route.payload] = body;
  else Object.assign(input, decodeJson(body));
  for (const name of new Set(query.keys())) {
    if (name.toLowerCase().startsWith('x-amz-')) continue;
    const member = route.query?.[name] ?? name;
    input[member] = route.lists?.includes(member) ? query.getAll(name) : query.get(name);
  }
  for (const [header, member] of Object.entries(route.headers ?? {})) {
    if (headers[header] !== undefined) input[member] = headers[header];
  }
  return Object.assign(input, match.path);
};

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
}

/** Spreads an answer over status, headers and body, as its route says. */
export const encodeRest = (route: RestRoute, answer: object): HttpAnswer => {
  const rest: Record<string, unknown> = { ...answer };
  const take = (member: string | undefined): unknown => {
    if (member === undefined) return undefined;
    const value = rest[member];
    delete rest[member];
    return value;
  };
  const headers: Record<string, string> = {};
  for (const [member, header] of Object.entries(route.answer?.headers ?? {})) {
    const value = take(member);
    if (value !== undefined) headers[header] = String(value);
  }
  const status = Number(take(route.answer?.status) ?? route.status ?? 200);
  if (route.answer?.payload) {
    const payload = take(route.answer.payload);
    return { status, headers, body: Buffer.isBuffer(payload) ? payload : String(payload ?? '') };
  }
  return { status, headers, body: status === 204 ? '' : encodeJson(rest) };
};
