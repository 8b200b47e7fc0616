import { SANDBOX_ID } from '../../broker/names.ts';
import { formatDuration } from '../../format-duration.ts';
import { type Check, ok, skip, warn } from '../check.ts';
import type { Facts, LogFact } from '../facts.ts';
import { tokenFacts } from '../token-facts.ts';
import { needPlatform } from './platform.ts';

/** A failure that the refresher logged. */
interface Failure {
  readonly time: number;
  readonly code: string;
  readonly sandboxId?: string;
  readonly owner?: string;
}

/** Errors of the last day that nothing has mended since: a sandbox that is gone or paused, or has a newer token, needs nothing. */
export const refresherFailures: Check = {
  id: 'refresher-errors',
  title: 'Refresher errors of the last day',
  async run(facts) {
    await needPlatform(facts);
    const { names } = facts.context;
    const [{ lines, more }, now] = await Promise.all([facts.failures(), facts.startedAt()]);
    const told = new Set(lines.filter(isOwnersLine).map(invocationOf));
    const failures = lines.flatMap((line) => readFailure(line, told) ?? []);
    const logs = `aws logs tail ${names.logGroup} --since 1d`;
    if (failures.length === 0 && more) return [skip('the log is too long to be read to its end', logs)];
    if (failures.length === 0) return [ok('none')];
    const open = await stillOpen(facts, failures);
    const count = `${failures.length}${more ? ' or more' : ''}`;
    const last = open.at(-1);
    if (last === undefined) return [ok(`${count}, each mended since`)];
    const whose = last.sandboxId ? ` for ${last.sandboxId}` : '';
    return [
      warn(
        `${count}, of which ${open.length} ${open.length === 1 ? 'is' : 'are'} not mended; the last ${formatDuration(now - last.time)} ago: ${last.code}${whose}`,
        last.sandboxId ? `km refresh ${last.sandboxId}` : logs,
      ),
    ];
  },
};

/** The line that a failed owner has: it names the sandbox, so that a newer token can be seen to mend it. */
const isOwnersLine = ({ message }: LogFact): boolean => message.includes('"event":"token_generation_failed"');

/** The request id: in km's lines, or in those of the runtime its second column. */
const invocationOf = ({ message }: LogFact): string | undefined =>
  (/^\{.*?"request_id":"([^"]+)"/.exec(message) ?? /^[^\t{]*\t([^\t{]+)\t/.exec(message))?.[1];

/**
 * Reads a log line: km's JSON, which an earlier km wrote behind some columns of the runtime. `told` are the invocations whose failed
 * owners have lines of their own: what such an invocation says at its end is the same once more.
 */
function readFailure(line: LogFact, told: ReadonlySet<string | undefined>): Failure | undefined {
  const { time, message } = line;
  const cutOff = /Task timed out|Runtime exited/.exec(message);
  if (cutOff) return { time, code: cutOff[0] };
  try {
    const { event, code, sandbox_id, owner } = JSON.parse(message.slice(message.indexOf('{')));
    // A refused check is the answer that km create got; a failed refresh has a line of its own for each owner.
    if (event === 'token_generation_failed' && !sandbox_id) return undefined;
    if (event === 'invocation_failed') {
      if (/^Err(RefreshFailed|RefreshEventInvalid|RevokeFailed)$/.test(code)) return undefined;
      const invocation = invocationOf(line);
      if (invocation !== undefined && told.has(invocation)) return undefined;
    }
    return {
      time,
      code: String(code),
      ...(typeof sandbox_id === 'string' && SANDBOX_ID.test(sandbox_id) ? { sandboxId: sandbox_id } : {}),
      ...(typeof owner === 'string' ? { owner } : {}),
    };
  } catch {
    return undefined;
  }
}

async function stillOpen(facts: Facts, failures: readonly Failure[]): Promise<Failure[]> {
  const [tokens, sandboxes] = await Promise.all([tokenFacts(facts), facts.sandboxes()]);
  const refreshed = new Set(sandboxes.flatMap(({ id, paused }) => (paused ? [] : [id])));
  return failures.filter(({ time, sandboxId, owner }) => {
    if (sandboxId === undefined) return true;
    if (!refreshed.has(sandboxId)) return false;
    const own = (tokens.get(sandboxId) ?? []).filter(
      (token) =>
        owner === undefined || owner === '*' || token.metadata?.owner.toLowerCase() === owner.toLowerCase(),
    );
    return !own.some(({ metadata }) => metadata !== undefined && Date.parse(metadata.mintedAt) >= time);
  });
}
