import { formatDuration } from '../../format-duration.ts';
import type { SandboxRecord } from '../../sandbox/sandbox-record.ts';
import { type Check, type Finding, fail, ok, warn } from '../check.ts';
import { lookedAt, summed } from './sandboxes.ts';

/** Milliseconds. */
const SLACK_MS = 2 * 60_000;

/** Whether each sandbox is refreshed, and ends when it should. */
export const sandboxSchedules: Check = {
  id: 'sandbox-schedule',
  title: 'Sandbox schedules',
  async run(facts) {
    const { sandboxes } = await lookedAt(facts);
    if (sandboxes.length === 0) return [ok('none to look at')];
    const [schedules, now] = await Promise.all([facts.schedules(), facts.startedAt()]);
    const { names } = facts.context;
    const problems = sandboxes.flatMap((sandbox): Finding[] => {
      const { id, expiresAt } = sandbox;
      const overdue = expiresAt !== undefined && now > expiresAt + SLACK_MS;
      if (overdue) {
        const ago = formatDuration(now - expiresAt);
        return [{ ...fail(`${id}: should have ended ${ago} ago`, `km destroy ${id}`), subject: id }];
      }
      const wanted = [
        ...(isRefreshed(sandbox, now) ? [names.schedule(id)] : []),
        ...(expiresAt === undefined || now > expiresAt - SLACK_MS ? [] : [names.ttlSchedule(id)]),
      ];
      return wanted.flatMap((name) => {
        // Resting is what the schedule of a paused sandbox is to do; its end comes all the same.
        const rests = sandbox.paused && name === names.schedule(id);
        return ofSchedule(id, name, { state: schedules.get(name), wanted: rests ? 'DISABLED' : 'ENABLED' });
      });
    });
    return summed(problems, ok('each is there, and enabled unless it is paused'));
  },
};

/** One that ends before its first refresh has no schedule for it. After its end a schedule may be gone. */
const isRefreshed = ({ event, refreshStart, expiresAt }: SandboxRecord, now: number): boolean =>
  event !== undefined && refreshStart !== undefined && (expiresAt === undefined || now < expiresAt);

function ofSchedule(
  id: string,
  name: string,
  { state, wanted }: { readonly state: string | undefined; readonly wanted: string },
): Finding[] {
  if (state === wanted) return [];
  if (state === undefined) {
    return [
      {
        ...fail(`${id}: schedule ${name} is gone`, `km destroy ${id}   # then create it again`),
        subject: id,
      },
    ];
  }
  if (wanted === 'DISABLED') {
    // Its refreshes are refused, for want of a token that could be renewed.
    const again = `km resume ${id} && km pause ${id}`;
    return [{ ...warn(`${id}: is paused, and its schedule ${name} is ${state}`, again), subject: id }];
  }
  return [
    {
      ...fail(`${id}: schedule ${name} is ${state}`, `km doctor ${id} --fix --yes   # as an administrator`),
      subject: id,
      fix: { kind: 'enable-schedule', id, name },
    },
  ];
}
