import { type Broker, createBroker } from '../../lib/broker/broker.ts';
import type { BrokerLogEntry } from '../../lib/broker/broker-log.ts';
import { resourceNames } from '../../lib/broker/names.ts';
import type { RefreshEvent } from '../../lib/broker/refresh-event.ts';
import { API, type FrozenWorld, frozenWorld } from '../github/frozen-world.ts';
import { CLIENT_ID, PKCS1 } from '../github/test-app.ts';
import { type FakeAccount, type FakeGitHub, fakeGitHub } from './fake-github.ts';
import { type MemoryStore, memoryStore } from './memory-store.ts';

export const names = resourceNames();
export const ID = 'sb-1234abcd';

export const APP_PARAMETERS = { [names.appClientId]: CLIENT_ID, [names.privateKey]: PKCS1 };

export const event = (allowed_repos: readonly string[], more: Partial<RefreshEvent> = {}): RefreshEvent => ({
  sandbox_id: ID,
  allowed_repos,
  permissions: { contents: 'read', metadata: 'read' },
  ...more,
});

export interface BrokerScene {
  readonly broker: Broker;
  readonly github: FakeGitHub;
  readonly store: MemoryStore;
  readonly world: FrozenWorld;
  readonly log: BrokerLogEntry[];
  readonly deadline: () => number;
}

export const ACCOUNTS: Readonly<Record<string, FakeAccount>> = {
  'my-user': { id: 1, repos: ['my-repo', 'private'] },
  'My-Org': { id: 2, repos: ['another-repo', 'x'], type: 'orgs' },
  mallory: { id: 3, repos: ['my-repo', 'evil'] },
};

/** A broker between a small GitHub and a Parameter Store in memory, in a frozen world. */
export const brokerScene = (
  parameters: Readonly<Record<string, string>> = APP_PARAMETERS,
  accounts: Readonly<Record<string, FakeAccount>> = ACCOUNTS,
): BrokerScene => {
  const world = frozenWorld((input, init) => github.fetch(input, init));
  const github = fakeGitHub(accounts, world.now);
  const store = memoryStore(world.now, parameters);
  const log: BrokerLogEntry[] = [];
  const broker = createBroker({ names, store, world, apiUrl: API, log: (entry) => log.push(entry) });
  return { broker, github, store, world, log, deadline: () => world.now() + 45_000 };
};
