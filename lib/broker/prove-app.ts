import type { GitHubApp } from '../github/app.ts';
import { installationSuspended, notInstalled } from '../github/errors.ts';
import type { Installation } from '../github/installation.ts';
import { listInstallations } from '../github/list-installations.ts';
import { verifyToken } from '../github/verify-token.ts';
import { createAppSource, storedInstallationId } from './app-source.ts';
import type { Broker } from './broker.ts';
import type { ProveAnswer, ProveEvent } from './inspection.ts';
import { loadInstallation } from './load-installation.ts';
import { proveToken } from './prove-token.ts';

interface Deadline {
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** The first installation that is stored and not suspended, else the first that GitHub lists. */
const anyInstallation = async (
  broker: Broker,
  app: GitHubApp,
  { deadline }: Deadline,
): Promise<Installation> => {
  const [stored, installed] = await Promise.all([
    broker.store.readBelow(broker.names.installationsPath),
    listInstallations(app, { deadline }),
  ]);
  const ids = new Set([...stored.values()].map(storedInstallationId));
  const active = installed.filter(({ suspended }) => !suspended);
  const chosen = active.find(({ id }) => ids.has(id)) ?? active[0];
  if (chosen) return chosen;
  const [first] = installed;
  throw first ? installationSuspended(first.account, first.settingsUrl) : notInstalled();
};

/**
 * Proves that the App can mint, with the key as it is stored now, or with the candidate of a rotation: for one
 * account, or for any. What stands in the way is part of the answer.
 *
 * IAM: `ssm:GetParameters` and `ssm:GetParametersByPath` on the config path; `kms:Decrypt` for the key, or `kms:Sign`.
 */
export const proveApp = (broker: Broker, event: ProveEvent, { deadline }: Deadline): Promise<ProveAnswer> => {
  // A source of its own, since the process's one may still know the key from before it was exchanged.
  const source = createAppSource({ ...broker, candidate: event.candidate ?? false });
  const owner = event.owner?.toLowerCase();

  const find = async () => {
    if (owner !== undefined) return loadInstallation(source, owner, { deadline });
    const { app } = await source.load([]);
    return { app, installation: await anyInstallation(broker, app, { deadline }) };
  };

  return proveToken(broker, {
    find,
    scope: { repositories: 'all', permissions: { metadata: 'read' } },
    uses: [
      {
        name: 'use',
        run: async (transport, token) => {
          const response = await verifyToken(transport, { token, owner: owner ?? 'the account', deadline });
          return { detail: 'GET /rate_limit', response };
        },
      },
    ],
    deadline,
  });
};
