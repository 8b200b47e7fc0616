import { describe, expect, test } from 'vitest';
import type { Broker } from '../../lib/broker/broker.ts';
import { markFailure } from '../../lib/broker/mark-failure.ts';
import { ownerScopes } from '../../lib/broker/owner-scopes.ts';
import { refresh } from '../../lib/broker/refresh.ts';
import type { RefreshEvent } from '../../lib/broker/refresh-event.ts';
import { revoke } from '../../lib/broker/revoke.ts';
import { readTokenDescription } from '../../lib/broker/token-description.ts';
import { tokenScope } from '../../lib/broker/token-scope.ts';
import { type BrokerScene, brokerScene, event, ID, names } from './broker-scene.ts';
import { type Actor, everyOrder, interleaved, orderOf } from './interleaved.ts';

const WIDE = event(['my-user/*']);
const NARROW = event(['my-user/my-repo']);
const PARAMETER = names.tokenParameter(ID);

const deadline = (broker: Broker) => broker.now() + 3_600_000;
const scheduled =
  (refreshEvent: RefreshEvent): Actor =>
  (broker) =>
    refresh(broker, refreshEvent, { deadline: deadline(broker), onlyExisting: true });
const markedFailed: Actor = (broker) =>
  markFailure(broker, NARROW, {
    owner: 'my-user',
    parameter: PARAMETER,
    code: 'ErrGitHubInstallationSuspended',
    deadline: deadline(broker),
  });
const destroyed: Actor = (broker) => revoke(broker, { sandboxId: ID, deadline: deadline(broker) });

/** As the function answers a stack's Update with another event. */
const updated =
  (refreshEvent: RefreshEvent): Actor =>
  async (broker) => {
    const published = await refresh(broker, refreshEvent, { deadline: deadline(broker) });
    await revoke(broker, {
      sandboxId: ID,
      keepParameters: new Set(published.map(({ parameter }) => parameter)),
      keepTokens: new Set(published.map(({ token_sha256 }) => token_sha256)),
      keepScopes: new Set(
        ownerScopes(refreshEvent.allowed_repos).map((scope) => tokenScope(scope, refreshEvent.permissions)),
      ),
      deadline: deadline(broker),
    });
  };

/** A sandbox whose first token is 45 minutes old. */
const sandbox = async (first: RefreshEvent): Promise<BrokerScene> => {
  const scene = brokerScene();
  await refresh(scene.broker, first, { deadline: scene.deadline() });
  scene.world.advance(45 * 60_000);
  return scene;
};

const standing = (scene: BrokerScene) => {
  const current = scene.store.versions.get(PARAMETER)?.at(-1);
  return { token: current?.value ?? '', described: readTokenDescription(current?.description) };
};

/** The newest token that was ever minted is what a reader gets, works, and is described as what it is. */
const expectNewest = (scene: BrokerScene): void => {
  const { token, described } = standing(scene);
  const newest = scene.github.minted.at(-1);
  expect(token).toBe(newest);
  expect(scene.github.alive).toContain(token);
  expect(Date.parse(described?.expiresAt ?? '')).toBe(
    Math.max(
      ...(scene.store.versions.get(PARAMETER) ?? []).map(({ description }) =>
        Date.parse(readTokenDescription(description)?.expiresAt ?? ''),
      ),
    ),
  );
};

const expectNothing = (scene: BrokerScene): void => {
  expect([...scene.store.versions.keys()].filter((name) => name.startsWith('/sandbox/'))).toEqual([]);
  expect([...scene.github.alive]).toEqual([]);
};

/** No token of the wide scope works, and a narrow one that works is what a reader gets. */
const expectNarrow = (scene: BrokerScene): void => {
  const { token, described } = standing(scene);
  expect(scene.github.alive).toContain(token);
  expect(described?.repositories).toEqual(['my-repo']);
  const wide = scene.github.minted.filter(
    (_token, index) => scene.github.mints[index]?.repositories === undefined,
  );
  expect(wide.filter((one) => scene.github.alive.has(one))).toEqual([]);
};

test.each([
  [18, ['my-repo']],
  [20, 'all'],
])(
  '%i minutes after the stack has narrowed the scope, an event of before it leaves %j',
  async (late, left) => {
    const scene = await sandbox(WIDE);
    await updated(NARROW)(scene.broker);
    scene.world.advance(late * 60_000);
    await scheduled(WIDE)(scene.broker);
    const { token, described } = standing(scene);
    expect(described?.repositories).toEqual(left);
    expect(scene.github.alive).toContain(token);
  },
);

interface Race {
  readonly first: RefreshEvent;
  readonly actors: readonly Actor[];
  readonly expected: (scene: BrokerScene) => void;
}

const RACES: Readonly<Record<string, Race>> = {
  'two refreshes, the newest token stands': {
    first: NARROW,
    actors: [scheduled(NARROW), scheduled(NARROW)],
    expected: expectNewest,
  },
  'a refresh and the mark of a failed one, the newest token stands': {
    first: NARROW,
    actors: [scheduled(NARROW), markedFailed],
    expected: expectNewest,
  },
  'the mark of a failed refresh and a destruction, nothing is left': {
    first: NARROW,
    actors: [markedFailed, destroyed],
    expected: expectNothing,
  },
  'a refresh and a destruction, nothing is left': {
    first: NARROW,
    actors: [scheduled(NARROW), destroyed],
    expected: expectNothing,
  },
};

describe('in every order of the steps of', () => {
  test.each(Object.entries(RACES))('%s', async (_name, { first, actors, expected }) => {
    const orders = new Set<string>();
    for await (const choose of everyOrder()) {
      const scene = await sandbox(first);
      const steps = await interleaved(scene, actors, choose);
      orders.add(steps.join());
      try {
        expected(scene);
      } catch (error) {
        throw new Error(`after ${steps.join(', ')}`, { cause: error });
      }
    }
    expect(orders.size).toBeGreaterThan(15);
  });
});

const CROWDS: Readonly<Record<string, Race>> = {
  "a refresh by the old event and the stack's update to a narrower one, the narrower stands": {
    first: WIDE,
    actors: [scheduled(WIDE), updated(NARROW)],
    expected: expectNarrow,
  },
  'four refreshes, the newest token stands': {
    first: NARROW,
    actors: [scheduled(NARROW), scheduled(NARROW), scheduled(NARROW), scheduled(NARROW)],
    expected: expectNewest,
  },
  'three refreshes and a destruction, nothing is left': {
    first: NARROW,
    actors: [scheduled(NARROW), scheduled(NARROW), scheduled(NARROW), destroyed],
    expected: expectNothing,
  },
  'refreshes by the old and the new event and the update between them, the narrower stands': {
    first: WIDE,
    actors: [scheduled(WIDE), scheduled(WIDE), scheduled(NARROW), updated(NARROW)],
    expected: expectNarrow,
  },
};

describe('in a hundred random orders of the steps of', () => {
  test.each(Object.entries(CROWDS))('%s', async (_name, { first, actors, expected }) => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const scene = await sandbox(first);
      const steps = await interleaved(scene, actors, orderOf(seed));
      try {
        expected(scene);
      } catch (error) {
        throw new Error(`with seed ${seed}, after ${steps.join(', ')}`, { cause: error });
      }
    }
  });
});
