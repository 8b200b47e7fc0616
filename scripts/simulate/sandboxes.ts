import type { ResourceNames } from '../../lib/broker/names.ts';
import { tokenParameters } from '../../lib/broker/owner-scopes.ts';
import type { RefreshEvent } from '../../lib/broker/refresh-event.ts';
import { REFRESH_EVERY_MS } from '../../lib/broker/refresh-period.ts';
import { firstRefreshAfterMs } from '../../lib/broker/refresh-start.ts';
import type { LambdaModel } from './lambda-model.ts';
import type { Meter } from './meter.ts';
import { createRandom, hashOf } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface SandboxesOptions {
  readonly time: VirtualTime;
  readonly names: ResourceNames;
  readonly name: string;
  readonly seed: number;
  readonly sandboxes: number;
  readonly accounts: readonly string[];
  readonly createdWithinMinutes: number;
  readonly spreadMinutes?: number;
  readonly periodMinutes: number;
  readonly scheduler: Meter;
  readonly lambda: () => LambdaModel;
}

export interface Sandboxes {
  readonly createAll: () => void;
  readonly onToken: (parameter: string, token: string) => void;
  readonly report: () => SandboxesReport;
}

export interface SandboxesReport {
  readonly created: number;
  /** Those that had no valid token for one of their owners at some time. */
  readonly hit: number;
  readonly minutesLost: number;
  readonly minutesLived: number;
  /** The least time that a token had left when the next came, in minutes; below nothing, it came too late. */
  readonly closestMinutes: number;
  readonly tokens: number;
}

interface Sandbox {
  readonly event: RefreshEvent;
  /** When each parameter's token ends, and until when there was one since the sandbox was made. */
  readonly expiries: number[];
  readonly gaps: (readonly [from: number, until: number])[];
  born: number;
}

const MINUTE = 60_000;
/** Scheduler fires within the minute that it is asked for. */
const PRECISION_MS = 60_000;
const TWO_OWNERS = 0.2;

/** Minutes of the union of gaps. */
const minutesOf = (gaps: Sandbox['gaps']): number => {
  let until = Number.NEGATIVE_INFINITY;
  let total = 0;
  for (const [from, end] of [...gaps].sort(([one], [other]) => one - other)) {
    total += Math.max(0, end - Math.max(from, until));
    until = Math.max(until, end);
  }
  return total / MINUTE;
};

/** The fleet of one platform: made by stack events, refreshed by schedules, and held to having a valid token always. */
export const createSandboxes = (options: SandboxesOptions): Sandboxes => {
  const { time, names, accounts, scheduler, lambda } = options;
  const random = createRandom(options.seed, `sandboxes ${options.name}`);
  const byParameter = new Map<string, readonly [sandbox: Sandbox, owner: number]>();
  const all: Sandbox[] = [];
  let closest = Number.POSITIVE_INFINITY;
  let tokens = 0;

  const make = (number: number): Sandbox => {
    const id = `sb-${hashOf(`${options.name} ${number}`).toString(16).padStart(8, '0')}`;
    const first = accounts[number % accounts.length] ?? '';
    const second = accounts[(number * 7 + 3) % accounts.length] ?? '';
    const owners = random() < TWO_OWNERS && second !== first ? [first, second] : [first];
    const event: RefreshEvent = {
      sandbox_id: id,
      allowed_repos: owners.flatMap((owner) => [`${owner}/app-${number % 97}`, `${owner}/library`]),
      permissions: { contents: 'write', metadata: 'read' },
    };
    const sandbox: Sandbox = { event, expiries: owners.map(() => 0), gaps: [], born: 0 };
    [...tokenParameters(names, event).values()].forEach((parameter, owner) => {
      if (byParameter.has(parameter)) throw new RangeError(`two sandboxes have the id ${id}`);
      byParameter.set(parameter, [sandbox, owner]);
    });
    return sandbox;
  };

  const onToken = (parameter: string, token: string): void => {
    const found = byParameter.get(parameter);
    if (found === undefined) return;
    const [sandbox, owner] = found;
    const before = sandbox.expiries[owner] ?? 0;
    tokens += 1;
    if (before > 0) {
      closest = Math.min(closest, before - time.now());
      if (before < time.now()) sandbox.gaps.push([before, time.now()]);
    }
    sandbox.expiries[owner] = Number(token.split('.')[1]);
  };

  /** As km sets it, or for another spread than its own. */
  const firstRefreshMs = (id: string): number => {
    const { spreadMinutes, periodMinutes } = options;
    const earlyMs =
      spreadMinutes === undefined
        ? REFRESH_EVERY_MS - firstRefreshAfterMs(id)
        : (hashOf(id) / 2 ** 32) * spreadMinutes * MINUTE;
    return periodMinutes * MINUTE - earlyMs;
  };

  const refreshFrom = (sandbox: Sandbox, due: number): void => {
    const fire = (): void => {
      // Scheduler holds back what is over its limit.
      if (!scheduler.take(time.now())) time.at(time.now() + 1_000, fire);
      else lambda().invokeLater(sandbox.event);
    };
    time.at(due + random() * PRECISION_MS, fire);
    time.at(due + options.periodMinutes * MINUTE, () =>
      refreshFrom(sandbox, due + options.periodMinutes * MINUTE),
    );
  };

  const create = async (sandbox: Sandbox): Promise<void> => {
    const { event } = sandbox;
    await lambda().invoke({
      RequestType: 'Create',
      ResponseURL: 'https://cloudformation-custom-resource-response.s3.amazonaws.com/answer',
      StackId: `arn:aws:cloudformation:::stack/${names.stackName(event.sandbox_id)}/1`,
      RequestId: event.sandbox_id,
      LogicalResourceId: 'FirstToken',
      ResourceType: 'Custom::KmGitHubToken',
      ResourceProperties: {
        ServiceToken: 'refresher',
        SandboxId: event.sandbox_id,
        Event: JSON.stringify(event),
        Paused: 'false',
      },
    });
    if (sandbox.expiries.includes(0)) {
      // Its stack failed, and its user tries again.
      time.at(time.now() + 60_000, () => void create(sandbox));
      return;
    }
    sandbox.born = time.now();
    all.push(sandbox);
    refreshFrom(sandbox, time.now() + firstRefreshMs(event.sandbox_id));
  };

  return {
    createAll: () => {
      const start = time.now();
      for (let number = 0; number < options.sandboxes; number += 1) {
        const at = start + (number / options.sandboxes) * options.createdWithinMinutes * MINUTE;
        const sandbox = make(number);
        time.at(at, () => void create(sandbox));
      }
    },
    onToken,
    report: () => {
      const end = time.now();
      for (const { expiries, gaps } of all) {
        for (const expiry of expiries) if (expiry < end) gaps.push([expiry, end]);
      }
      return {
        created: all.length,
        hit: all.filter(({ gaps }) => gaps.length > 0).length,
        minutesLost: all.reduce((sum, { gaps }) => sum + minutesOf(gaps), 0),
        minutesLived: all.reduce((sum, { born }) => sum + (end - born) / MINUTE, 0),
        closestMinutes: closest / MINUTE,
        tokens,
      };
    },
  };
};
