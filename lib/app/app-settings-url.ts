import type { AppDetails } from '../github/get-app.ts';

/** The page of an App's settings, private keys among them; for its owner. `webUrl` without a slash at its end. */
export function appSettingsUrl(
  webUrl: string,
  { slug, owner, ownerType }: Pick<AppDetails, 'slug' | 'owner' | 'ownerType'>,
): string {
  const place = ownerType === 'Organization' ? `/organizations/${owner}` : '';
  return `${webUrl}${place}/settings/apps/${slug}`;
}
