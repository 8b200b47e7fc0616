import { type AppContext, gitHubPlaces } from '../app/app-context.ts';
import { readAppConfig } from '../app/app-store.ts';
import { inspectApp } from '../app/inspect-app.ts';
import type { SetUpApp } from '../app/setup-app.ts';
import { installUrl } from '../app/setup-manifest.ts';
import { KmError } from '../errors.ts';
import type { GitHubSetupOptions } from './github-options.ts';

/**
 * What is configured before anything is made: nothing (`undefined`), or an App of which no installation is known yet,
 * which `km github` then goes on with.
 *
 * @throws {KmError} `ErrAppConfigExists` for any other App, unless it may be replaced; `ErrPlatformMissing`.
 */
export async function configuredApp(
  context: AppContext,
  { force, plain }: Pick<GitHubSetupOptions, 'force' | 'plain'>,
): Promise<SetUpApp | undefined> {
  const [stored, inspection] = await Promise.all([readAppConfig(context.cloud), inspectApp(context.cloud)]);
  const { clientId, privateKey, signingKey } = stored;
  if (!clientId && !privateKey && !signingKey) return undefined;
  const { app, client_id, host, installations, jwt } = inspection;
  const known = new Set(inspection.stored_installations.map(({ id }) => id));
  const isKnown = installations?.some(({ id }) => known.has(id)) ?? true;
  const isWaiting = jwt?.ok === true && !isKnown && client_id === clientId;
  if (plain && !force && isWaiting && app && clientId !== undefined) {
    const { id, slug, name, owner, html_url: htmlUrl } = app;
    const { webUrl } = gitHubPlaces(context, host);
    return {
      id,
      slug,
      name,
      owner,
      htmlUrl,
      clientId,
      host,
      installUrl: installUrl(webUrl, { htmlUrl, slug }),
    };
  }
  if (force) return undefined;
  const what = app
    ? `${app.name} of ${app.owner}, client id ${clientId}`
    : `client id ${clientId ?? 'missing'}`;
  throw new KmError(
    'ErrAppConfigExists',
    `A GitHub App is configured already (${what}); it is left as it is.`,
    {
      remedy: 'km github status shows it; km github --force makes another one in its place.',
    },
  );
}
