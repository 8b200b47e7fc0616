import type { Permissions } from '../github/permissions.ts';
import type { AppManifest } from './setup-manifest.ts';
import { html, htmlDocument } from './setup-page-layout.ts';
import { PERMISSION_PURPOSES } from './setup-permissions.ts';
import type { SetupPlatform } from './setup-recovery.ts';

export interface SetupPageOptions {
  readonly manifest: AppManifest;
  /** Where the form is posted. */
  readonly action: string;
  /** GitHub's host, for the reader. */
  readonly host: string;
  readonly org?: string;
  readonly platform: SetupPlatform;
  /** Another name, and the page that has it. */
  readonly other: { readonly name: string; readonly url: string };
  readonly nonce: string;
}

/** The page that says what is about to be made, and posts the manifest to GitHub. */
export const setupPage = (options: SetupPageOptions): string => {
  const { manifest, action, host, org, platform, other, nonce } = options;
  const owner =
    org === undefined ? html`your own account` : html`the organization <span class="name">${org}</span>`;
  const hook = manifest.hook_attributes;
  const body = html`
<p>Each sandbox gets its own short-lived GitHub token, minted by a GitHub App that you own. One click makes it:</p>
<ul>
<li>A GitHub App named <span class="name">${manifest.name}</span>, owned by ${owner} on ${host}. It is public, which
means that other accounts may install it on their own repositories; it lets nobody into yours.</li>
<li>${hook === undefined ? html`No webhook: GitHub sends nothing to anyone.` : html`A webhook: GitHub sends events to <code>${hook.url}</code>.`}</li>
<li>Its private key goes to AWS Parameter Store, encrypted: account <span class="name">${platform.account}</span>,
region <span class="name">${platform.region}</span>, prefix <span class="name">${platform.prefix}</span>. Nobody sees it.</li>
</ul>
${permissionTable(manifest.default_permissions)}
<form method="post" action="${action}">
<input type="hidden" name="manifest" value="${JSON.stringify(manifest)}">
<button type="submit">Create on GitHub</button>
</form>
<p class="soft">GitHub shows it once more before anything is made. Afterwards you choose the repositories it reaches.</p>
<h2>If the name is taken</h2>
<p>Names of Apps are shared by all of GitHub. If GitHub says that this one is taken, come back to this page and
<a href="${other.url}">take <span class="name">${other.name}</span> instead</a>, or change it on GitHub’s page.</p>
<h2>If GitHub asks you to sign in</h2>
<p>Sign in, come back to this page, and press the button again.</p>
`;
  return htmlDocument({ title: 'Create the GitHub App for km', body, nonce });
};

const permissionTable = (permissions: Permissions) => html`<table>
<caption>What the App may do, on the repositories it is installed on</caption>
<thead><tr><th scope="col">Permission</th><th scope="col">Level</th><th scope="col">Why</th></tr></thead>
<tbody>${PERMISSION_PURPOSES.flatMap(({ permission, needed }) => {
  const level = permissions[permission];
  return level === undefined
    ? []
    : [html`<tr><th scope="row"><code>${permission}</code></th><td>${level}</td><td>${needed}</td></tr>`];
})}</tbody>
</table>`;

export interface MadePageOptions {
  readonly name: string;
  readonly installUrl: string;
  readonly nonce: string;
}

/** For whoever comes back once the App is there: by a second tab, or by the browser's back button. */
export const madePage = ({ name, installUrl, nonce }: MadePageOptions): string =>
  htmlDocument({
    title: 'The App is set up',
    body: html`
<p><span class="name">${name}</span> is on GitHub, and its key is stored. What is left is to install it on an account:</p>
<p><a class="button" href="${installUrl}">Install it on GitHub</a></p>
<p class="soft">If you made a second App from another tab, km does not know it: delete it in GitHub’s settings.</p>
`,
    nonce,
  });

export interface ProblemPageOptions {
  readonly title: string;
  readonly message: string;
  readonly remedy?: string;
  readonly nonce: string;
}

/** What went wrong, and what to do about it. */
export const problemPage = ({ title, message, remedy, nonce }: ProblemPageOptions): string =>
  htmlDocument({
    title,
    body: html`
<p class="warn" role="alert">${message}</p>
${remedy === undefined ? html`` : html`<p>${remedy}</p>`}
`,
    nonce,
  });
