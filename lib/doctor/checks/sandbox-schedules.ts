import { formatDuration } from '../../format-duration.ts';
import type { SandboxRecord } from '../../sandbox/sandbox-record.ts';
import { type Check, type Finding, fail, ok } from '../check.ts';
import { lookedAt, summed } from './sandboxes.ts';

/** A sandbox that ends before its first refresh has no schedule for it. Milliseconds. */
const REFRESHED_FROM_MS = 46 * 60_000;
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
      return wanted.flatMap((name) => ofSchedule(id, name, schedules.get(name)));
    });
    return summed(problems, ok('each is there and enabled'));
  },
};

/** After the end there is nothing to refresh, and a schedule that has ended may be gone. */
const isRefreshed = ({ event, createdAt, expiresAt }: SandboxRecord, now: number): boolean =>
  event !== undefined &&
  (expiresAt === undefined || (expiresAt - createdAt > REFRESHED_FROM_MS + SLACK_MS && now < expiresAt));

function ofSchedule(id: string, name: string, state: string | undefined): Finding[] {
  if (state === 'ENABLED') return [];
  if (state === undefined) {
    return [
      {
        ...fail(`${id}: schedule ${name} is gone`, `km destroy ${id}   # then create it again`),
        subject: id,
      },
    ];
  }
  return [
    {
      ...fail(`${id}: schedule ${name} is ${state}`, `km doctor ${id} --fix --yes   # as an administrator`),
      subject: id,
      fix: { kind: 'enable-schedule', id, name },
    },
  ];
}
