import { SANDBOX_ID } from '../../broker/names.ts';
import { formatDuration } from '../../format-duration.ts';
import { type Check, type Finding, fail, ok, warn } from '../check.ts';
import type { Facts } from '../facts.ts';
import { type TokenFact, tokenFacts } from '../token-facts.ts';

const FIX = 'km doctor --fix   # as an administrator';

/** What was left of sandboxes whose stack is gone: keys, schedules and parameters. */
export const orphans: Check = {
  id: 'orphans',
  title: 'Orphans',
  async run(facts) {
    const living = new Set((await facts.sandboxes()).map(({ id }) => id));
    const isOrphan = (id: string): boolean => SANDBOX_ID.test(id) && !living.has(id);
    // Each listing for itself: what may not be listed hides no other.
    const found = await Promise.allSettled([
      ofSchedules(facts, isOrphan),
      ofTokens(facts, isOrphan),
      ofKeys(facts, isOrphan),
    ]);
    const findings = found.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
    const refused = found.find((each) => each.status === 'rejected');
    if (findings.length > 0) return findings;
    if (refused) throw refused.reason;
    return [ok('none')];
  },
};

async function ofSchedules(facts: Facts, isOrphan: (id: string) => boolean): Promise<Finding[]> {
  const { names } = facts.context;
  const prefixes = [names.schedule(''), names.ttlSchedule('')];
  return [...(await facts.schedules()).keys()].flatMap((name): Finding[] => {
    const id = name.slice(prefixes.find((prefix) => name.startsWith(prefix))?.length ?? name.length);
    if (!isOrphan(id)) return [];
    return [
      {
        ...fail(`schedule ${name} goes on for a sandbox that is gone`, FIX),
        subject: id,
        fix: { kind: 'delete-schedule', id, name },
      },
    ];
  });
}

async function ofTokens(facts: Facts, isOrphan: (id: string) => boolean): Promise<Finding[]> {
  const now = await facts.startedAt();
  return [...(await tokenFacts(facts))].flatMap(([id, tokens]) =>
    isOrphan(id) ? tokens.map((token) => ({ ...ofParameter(id, token, now), subject: id })) : [],
  );
}

/** A live token is revoked by its sandbox's stack alone; without its parameter nothing could revoke it. */
function ofParameter(id: string, { name, metadata }: TokenFact, now: number): Finding {
  if (!metadata) {
    return warn(
      `${name} is no sandbox's, and was not written by km`,
      `aws ssm describe-parameters --parameter-filters Key=Name,Values=${name}`,
    );
  }
  const left = Date.parse(metadata.expiresAt) - now;
  if (left > 0)
    return warn(
      `${name} is no sandbox's; its token dies in ${formatDuration(left)}`,
      `${FIX} and after ${metadata.expiresAt}`,
    );
  return {
    ...warn(`${name} is no sandbox's; its token is dead`, FIX),
    fix: { kind: 'delete-parameter', id, name },
  };
}

async function ofKeys(facts: Facts, isOrphan: (id: string) => boolean): Promise<Finding[]> {
  const now = await facts.startedAt();
  const tokens = await tokenFacts(facts);
  return [...(await facts.aliases())].flatMap(([name, keyId]): Finding[] => {
    const id = name.slice(facts.context.names.keyAlias('').length);
    if (!isOrphan(id)) return [];
    const live = (tokens.get(id) ?? []).some(
      ({ metadata }) => !metadata || Date.parse(metadata.expiresAt) > now,
    );
    const finding = { ...warn(`key ${name} is no sandbox's, and costs a dollar a month`, FIX), subject: id };
    return [live ? finding : { ...finding, fix: { kind: 'delete-key', id, name, keyId } }];
  });
}
