import { z } from 'zod';
import { reachesRepository } from '../authenticate.ts';
import type { Repository } from '../directory.ts';
import { GitHubError } from '../github-error.ts';
import { exceeding, KNOWN_PERMISSIONS } from '../permissions.ts';
import { repositoryJson, timestamp } from './app-json.ts';
import { installationOf } from './app-routes.ts';
import { paginate } from './paging.ts';
import type { RestContext, Route } from './route.ts';

const FRAGMENT = 'create-an-installation-access-token-for-an-app';
const DOCUMENTATION = `https://docs.github.com/rest/apps/apps#${FRAGMENT}`;
const MOST_REPOSITORIES = 500;

const refused = (status: number, message: string) =>
  new GitHubError(status, message, { documentation: DOCUMENTATION });

const tooMany = (issue: { readonly input?: unknown }) =>
  `No more than ${MOST_REPOSITORIES} items are allowed; ${(issue.input as unknown[]).length} were supplied.`;

const requestSchema = z.object({
  repositories: z.array(z.string()).max(MOST_REPOSITORIES, { error: tooMany }).nullish(),
  repository_ids: z.array(z.int()).max(MOST_REPOSITORIES, { error: tooMany }).nullish(),
  permissions: z
    .record(
      z.string().refine((name) => KNOWN_PERMISSIONS.includes(name), {
        error: (issue) => `"${issue.input}" is not a permitted key.`,
      }),
      z.enum(['read', 'write', 'admin']),
    )
    .nullish(),
});

type MintRequest = z.output<typeof requestSchema>;

const requestOf = (body: unknown): MintRequest => {
  const result = requestSchema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const nested = issue && 'issues' in issue ? (issue.issues as { message: string }[])[0]?.message : undefined;
  throw refused(422, `Invalid request.\n\n${nested ?? issue?.message ?? ''}`);
};

/** The repositories that the request names, or undefined for all: an empty list counts as an absent one. */
const selectionOf = (request: MintRequest, reachable: readonly Repository[]): Repository[] | undefined => {
  const names = request.repositories ?? [];
  const ids = request.repository_ids ?? [];
  if (names.length === 0 && ids.length === 0) return undefined;
  const found = [
    ...names.map((name) => reachable.find((entry) => entry.name.toLowerCase() === name.toLowerCase())),
    ...ids.map((id) => reachable.find((entry) => entry.id === id)),
  ];
  if (found.includes(undefined))
    throw refused(
      422,
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    );
  return [...new Set(found as Repository[])];
};

const formOf = (header: string | string[] | undefined): 'stateful' | 'stateless' | undefined => {
  if (header === 'enabled') return 'stateless';
  return header === 'disabled' ? 'stateful' : undefined;
};

const mint = async (context: RestContext) => {
  const { state, now } = context;
  const installation = installationOf(context, FRAGMENT);
  if (installation.suspendedAt !== undefined) throw refused(403, 'This installation has been suspended');
  const request = requestOf(await context.body());
  const selected = selectionOf(request, state.directory.repositoriesOf(installation));
  const asked = request.permissions ?? {};
  if (exceeding(asked, installation.permissions).length > 0)
    throw refused(422, 'The permissions requested are not granted to this installation.');
  const permissions =
    Object.keys(asked).length === 0 ? installation.permissions : { ...asked, metadata: 'read' as const };
  const form = formOf(context.headers['x-github-stateless-s2s-token']);
  const { token, expiresAt } = state.tokens.mint({
    appId: installation.appId,
    installationId: installation.id,
    ...(selected ? { repositoryIds: selected.map(({ id }) => id) } : {}),
    permissions,
    now,
    ...(form ? { form } : {}),
  });
  return {
    status: 201,
    body: {
      token,
      expires_at: timestamp(expiresAt),
      permissions,
      repository_selection: selected || installation.repositories !== 'all' ? 'selected' : 'all',
      ...(selected ? { repositories: selected.map((entry) => repositoryJson(context, entry)) } : {}),
    },
  };
};

/** Minting, using and revoking installation access tokens. */
export const tokenRoutes: readonly Route[] = [
  { method: 'POST', pattern: '/app/installations/{id}/access_tokens', auth: 'app', handle: mint },
  {
    method: 'DELETE',
    pattern: '/installation/token',
    auth: 'installation',
    handle: ({ principal }) => {
      if (principal.kind === 'installation') principal.revoke();
      return { status: 204 };
    },
  },
  {
    method: 'GET',
    pattern: '/installation/repositories',
    auth: 'installation',
    handle: (context) => {
      const { principal, state } = context;
      if (principal.kind !== 'installation') return { status: 403 };
      const all = state.directory
        .repositoriesOf(principal.installation)
        .filter((entry) => reachesRepository(principal, entry));
      const { items, headers } = paginate(context, all);
      const selected =
        principal.token.repositoryIds !== undefined || principal.installation.repositories !== 'all';
      return {
        status: 200,
        headers,
        body: {
          total_count: all.length,
          repository_selection: selected ? 'selected' : 'all',
          repositories: items.map((entry) => repositoryJson(context, entry)),
        },
      };
    },
  },
];
