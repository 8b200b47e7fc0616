import type { Permissions } from '../github/permissions.ts';

/** What the App is to be. */
export interface AppWish {
  /** The organization that owns it; absent: whoever is signed in at GitHub. */
  readonly org?: string;
  /** All of the App's permissions. */
  readonly permissions: Permissions;
  /** Where GitHub sends events; absent: no webhook. */
  readonly webhookUrl?: string;
}

export interface ManifestOptions extends AppWish {
  readonly name: string;
  /** Origin of GitHub's pages: `https://github.com`. */
  readonly webUrl: string;
  /** Where GitHub sends the browser with the code. */
  readonly redirectUrl: string;
}

/** The App as GitHub's manifest flow takes it. */
export interface AppManifest {
  readonly name: string;
  readonly url: string;
  readonly description: string;
  readonly public: true;
  readonly redirect_url: string;
  readonly default_permissions: Permissions;
  readonly hook_attributes?: { readonly url: string; readonly active: true };
}

/**
 * The manifest of km's App: public, so that it can be installed on other accounts than its owner's. Without a webhook
 * `hook_attributes` stays away altogether: GitHub refuses it without a url, also when it is not active.
 *
 * @see https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
 */
export const buildManifest = ({
  name,
  org,
  webUrl,
  redirectUrl,
  permissions,
  webhookUrl,
}: ManifestOptions): AppManifest => ({
  name,
  url: org === undefined ? webUrl : `${webUrl}/${org}`,
  description: 'Gives each sandbox its own short-lived, repo-scoped git credential (km).',
  public: true,
  redirect_url: redirectUrl,
  default_permissions: permissions,
  ...(webhookUrl === undefined ? {} : { hook_attributes: { url: webhookUrl, active: true } }),
});

/** Where the manifest is posted. */
export const newAppUrl = (webUrl: string, state: string, org?: string): string => {
  const owner = org === undefined ? '' : `/organizations/${encodeURIComponent(org)}`;
  return `${webUrl}${owner}/settings/apps/new?state=${encodeURIComponent(state)}`;
};

/**
 * Where an account installs the App: below the App's own page, which GitHub Enterprise Server has at another path than
 * github.com. An address of another origin than GitHub's pages is not followed.
 */
export const installUrl = (
  webUrl: string,
  app: { readonly htmlUrl: string; readonly slug: string },
): string => {
  const page = URL.parse(app.htmlUrl);
  const path =
    page !== null && page.origin === new URL(webUrl).origin
      ? page.pathname
      : `/apps/${encodeURIComponent(app.slug)}`;
  return `${new URL(webUrl).origin}${path.replace(/\/+$/, '')}/installations/new`;
};
