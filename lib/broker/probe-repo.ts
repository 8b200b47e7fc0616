import { readBranches, tryRefusedWrite } from '../github/use-repository.ts';
import { verifyToken } from '../github/verify-token.ts';
import { createAppSource } from './app-source.ts';
import type { Broker } from './broker.ts';
import type { ProbeAnswer, ProbeEvent } from './inspection.ts';
import { loadInstallation } from './load-installation.ts';
import { proveToken } from './prove-token.ts';

/**
 * Proves that GitHub holds a token to its scope: mints one for a repo with `contents: read`, reads with it, tries a
 * write that must be refused and would change nothing, revokes it, and checks that it is dead.
 *
 * IAM: as `proveApp`.
 */
export const probeRepo = async (
  broker: Broker,
  event: ProbeEvent,
  { deadline }: { readonly deadline: number },
): Promise<ProbeAnswer> => {
  const source = createAppSource(broker);
  const [owner = '', repository = ''] = event.repo.toLowerCase().split('/');

  const answer = await proveToken(broker, {
    find: () => loadInstallation(source, owner, { deadline }),
    scope: { repositories: [repository], permissions: { contents: 'read', metadata: 'read' } },
    uses: [
      {
        name: 'read',
        run: async (transport, token) => {
          await verifyToken(transport, { token, owner, deadline });
          const response = await readBranches(transport, { token, owner, repository, deadline });
          return { detail: `GET /repos/${owner}/${repository}/branches`, response };
        },
      },
      {
        name: 'write-refused',
        run: async (transport, token) => ({
          detail: `POST /repos/${owner}/${repository}/git/refs: ${await tryRefusedWrite(transport, { token, owner, repository, deadline })}`,
        }),
      },
    ],
    deadline,
  });
  return { repo: event.repo, ...answer };
};
