import { createHash, timingSafeEqual } from 'node:crypto';
import { putAsset } from './aws/assets.ts';
import { AwsError, type Cloud } from './aws/cloud.ts';
import { type AwsFaults, readAwsFaults } from './aws/faults.ts';
import { confirmByMail, mailsTo } from './aws/sns/mailbox.ts';
import { decodeJson, encodeJson } from './aws/wire/json.ts';
import { urlParts, type WireRequest } from './aws/wire/request.ts';
import type { HttpAnswer } from './aws/wire/rest.ts';
import { asAwsError } from './aws/world.ts';
import type { EventLog } from './event-log.ts';
import { type GitHubFaults, parseGitHubFaults } from './github/faults.ts';
import { InvalidInputError } from './github/invalid-input.ts';
import type { LocalGitHub } from './github/start.ts';

/** The faults in force on both sides. The GitHub object keeps its identity until it is set anew. */
export interface Faults {
  readonly aws: AwsFaults;
  github: GitHubFaults;
}

export interface AdminOptions {
  readonly adminToken: string;
  /** Told openly: which local cloud this is. */
  readonly instance: string;
  readonly cloud: () => Cloud;
  readonly github: () => LocalGitHub;
  readonly faults: Faults;
  readonly log: EventLog;
  /** What `GET /_km/status` answers. */
  readonly status: () => object;
  readonly reset: () => Promise<void>;
  readonly stop: () => void;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const allowed = (request: WireRequest, adminToken: string): boolean =>
  timingSafeEqual(digest(request.headers.authorization ?? ''), digest(`Bearer ${adminToken}`));

const json = (value: object, status = 200): HttpAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: encodeJson(value),
});

const readGitHubFaults = (value: unknown): GitHubFaults => {
  try {
    return parseGitHubFaults(value);
  } catch (error) {
    throw new AwsError('ValidationException', error instanceof Error ? error.message : String(error));
  }
};

/** Merges what is given into the faults in force; an empty object clears both sides. */
const setFaults = (faults: Faults, body: Record<string, unknown>): object => {
  const { aws, github, ...unknown } = body;
  const [name] = Object.keys(unknown);
  if (name !== undefined)
    throw new AwsError('ValidationException', `faults: '${name}' is none of aws, github`);
  const more = readGitHubFaults(github ?? {});
  const list = aws === undefined ? undefined : readAwsFaults(aws);
  const clear = Object.keys(body).length === 0;
  if (clear || list) faults.aws.set(list ?? []);
  if (clear || github !== undefined) faults.github = clear ? {} : { ...faults.github, ...more };
  return { aws: faults.aws.list(), github: faults.github };
};

const advance = async (cloud: Cloud, body: Record<string, unknown>): Promise<object> => {
  const { ms } = body;
  if (typeof ms !== 'number' || !Number.isInteger(ms) || ms < 0) {
    throw new AwsError('ValidationException', "'ms' must be a whole number of milliseconds, 0 or more");
  }
  await cloud.clock.advance(ms);
  return clockOf(cloud);
};

/** What the receiver of a confirmation mail does by a click. */
const confirmMail = (cloud: Cloud, { to }: Record<string, unknown>): object => {
  if (typeof to !== 'string') throw new AwsError('ValidationException', "'to' must be an e-mail address");
  return { confirmed: confirmByMail(cloud, to) };
};

const clockOf = ({ clock }: Cloud): object => ({
  now: new Date(clock.now()).toISOString(),
  offset_ms: clock.offsetMs,
});

/** What people do on the pages of the local GitHub. */
const answerGitHub = async (options: AdminOptions, request: WireRequest): Promise<HttpAnswer> => {
  const { path, query } = urlParts(request);
  const body = request.body.length === 0 ? {} : decodeJson(request.body);
  try {
    const answer = await options
      .github()
      .answerOwner({ method: request.method, path: path.slice('/_km/github'.length), query, body });
    return json(answer.body, answer.status);
  } catch (error) {
    if (error instanceof InvalidInputError) throw new AwsError('ValidationException', error.message);
    throw error;
  }
};

const route = async (options: AdminOptions, request: WireRequest): Promise<HttpAnswer> => {
  const { path, query } = urlParts(request);
  const asset = /^\/_km\/assets\/(.+)$/.exec(path)?.[1];
  if (request.method === 'PUT' && asset) {
    return json(putAsset(options.cloud(), decodeURIComponent(asset), request.body));
  }
  if (path === '/_km/github' || path.startsWith('/_km/github/')) return answerGitHub(options, request);
  switch (`${request.method} ${path.slice('/_km/'.length)}`) {
    case 'GET status':
      return json(options.status());
    case 'GET logs': {
      const lines = await options.log.read(query.get('since') ?? undefined);
      return {
        status: 200,
        headers: { 'content-type': 'application/x-ndjson' },
        body: `${lines.join('\n')}\n`,
      };
    }
    case 'GET faults':
      return json({ aws: options.faults.aws.list(), github: options.faults.github });
    case 'POST faults':
      return json(setFaults(options.faults, decodeJson(request.body)));
    case 'GET mail':
      return json({ mails: mailsTo(options.cloud(), query.get('to') ?? undefined) });
    case 'POST mail/confirm':
      return json(confirmMail(options.cloud(), decodeJson(request.body)));
    case 'POST clock/advance':
      return json(await advance(options.cloud(), decodeJson(request.body)));
    case 'POST reset':
      await options.reset();
      return json(options.status());
    case 'POST stop':
      options.stop();
      return json({}, 202);
    default:
      return json({ message: `No route ${request.method} ${path}` }, 404);
  }
};

/** Answers the `/_km/` routes, which only the local cloud has: 403 without the admin token, but for the clock. */
export const answerAdmin = async (options: AdminOptions, request: WireRequest): Promise<HttpAnswer> => {
  if (request.method === 'GET' && request.url === '/_km/clock') {
    return json({ ...clockOf(options.cloud()), instance: options.instance, pid: process.pid });
  }
  if (!allowed(request, options.adminToken)) return json({ message: 'The admin token is needed' }, 403);
  try {
    return await route(options, request);
  } catch (error) {
    const { code, message, status } = asAwsError(error);
    return json({ code, message }, status);
  }
};
