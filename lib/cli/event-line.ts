import type { RefresherEvent } from '../sandbox/refresher-events.ts';

/** How an event is shown: what it is, whether it went well, and what there is to say. */
export interface EventLine {
  readonly title: string;
  readonly style: 'green' | 'yellow' | 'red' | 'dim';
  readonly detail: string;
}

type Fields = RefresherEvent['fields'];

const say = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);

const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join('  ');

/** Enough to tell one token from another, as far as people compare them. */
const token = (sha: unknown): string => (typeof sha === 'string' ? `token ${sha.slice(0, 8)}` : '');

const repos = (value: unknown): string => {
  if (!Array.isArray(value)) return value === 'all' ? 'all repos' : '';
  return value.length > 5 ? `${value.slice(0, 5).join(' ')} and ${value.length - 5} more` : value.join(' ');
};

const permissions = (value: unknown): string =>
  Object.entries((value ?? {}) as object)
    .map(([name, level]) => `${name}:${level}`)
    .join(' ');

const time = (value: unknown): string => {
  const moment = Date.parse(say(value));
  return Number.isNaN(moment) ? '' : `until ${new Date(moment).toISOString().slice(0, 19)}Z`;
};

const failed = ({ owner, message, code }: Fields): string =>
  joined(say(owner), `${say(message)}${code === undefined ? '' : ` (${say(code)})`}`);

const KNOWN: Readonly<Record<string, (fields: Fields) => EventLine>> = {
  token_generated: (fields) => ({
    title: 'minted',
    style: 'green',
    detail: joined(
      say(fields.owner),
      repos(fields.repos),
      permissions(fields.permissions),
      time(fields.expires_at),
      token(fields.token_sha256),
    ),
  }),
  token_generation_failed: (fields) => ({ title: 'refresh failed', style: 'red', detail: failed(fields) }),
  permanent_failure: ({ owner, code }) => ({
    title: 'needs you',
    style: 'red',
    detail: joined(say(owner), `${say(code)}: not retried, but tried again by each schedule`),
  }),
  retry_failed: (fields) => ({ title: 'retry failed', style: 'red', detail: failed(fields) }),
  retry_dropped: ({ owner, reason }) => ({
    title: 'retry dropped',
    style: 'dim',
    detail: joined(say(owner), say(reason)),
  }),
  refresh_refused: ({ owner, parameter }) => ({
    title: 'refused',
    style: 'yellow',
    detail: joined(say(owner), `there is no ${say(parameter)}`),
  }),
  refresh_overtaken: ({ owner, reason, standing_token_sha256 }) => ({
    title: 'overtaken',
    style: 'dim',
    detail: joined(
      say(owner),
      reason === 'scope' ? 'its scope is no longer allowed' : 'a newer token was there',
      `${token(standing_token_sha256)} stands`,
    ),
  }),
  token_revoked: ({ reason, result, token_sha256 }) => ({
    title: 'revoked',
    style: 'yellow',
    detail: joined(
      `${say(reason)}${result === 'revoked' ? '' : ` (it was ${say(result)})`}`,
      token(token_sha256),
    ),
  }),
  token_revocation_failed: (fields) => ({
    title: 'not revoked',
    style: 'red',
    detail: joined(say(fields.reason), failed(fields), token(fields.token_sha256)),
  }),
  stack_answered: ({ request, status, reason }) => ({
    title: `stack ${say(request).toLowerCase()}`,
    style: status === 'SUCCESS' ? 'green' : 'red',
    detail: joined(say(status), say(reason)),
  }),
  sandbox_reconfigured: ({ parameters, changed }) => ({
    title: changed === false ? 'unchanged' : 'changed',
    style: 'dim',
    detail: Array.isArray(parameters) ? parameters.join(' ') : '',
  }),
  invocation_failed: (fields) => ({ title: 'failed', style: 'red', detail: failed(fields) }),
};

/** What an event is called and says in a line. One that this km does not know is shown as it was written. */
export function eventLine({ event, fields }: RefresherEvent): EventLine {
  const known = Object.hasOwn(KNOWN, event) ? KNOWN[event] : undefined;
  if (known) return known(fields);
  const { event: _event, time: _time, sandbox_id: _id, request_id: _request, ...rest } = fields;
  return { title: event, style: 'dim', detail: JSON.stringify(rest) };
}
