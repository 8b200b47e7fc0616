import type { Account } from '../directory.ts';
import { type Manifest, parseManifest } from '../manifest.ts';
import { type Html, html } from './html.ts';
import { permissionList } from './permission-list.ts';
import { notFound, type WebAnswer, type WebContext, type WebPage } from './web-page.ts';

/** Whom the App will belong to: the organization in the path, or who is signed in. */
const ownerOf = ({ params, state, user }: WebContext): Account | undefined => {
  if (params.org === undefined) return user;
  const account = state.directory.account(params.org);
  return account?.type === 'Organization' ? account : undefined;
};

const settingsOf = (owner: Account): string =>
  owner.type === 'User' ? '/settings/apps' : `/organizations/${owner.login}/settings/apps`;

const invalid = (problems: readonly string[]): WebAnswer => ({
  status: 422,
  title: 'Invalid GitHub App configuration',
  body: html`<p>The configuration does not appear to be a valid GitHub App manifest.</p>
<div class="box" role="alert">${problems.map((problem) => html`<p class="error">Error: ${problem}</p>`)}</div>`,
});

interface Confirmation {
  readonly manifest: Manifest;
  readonly name: string;
  readonly owner: Account;
  readonly state: string | null;
  readonly problem?: string;
}

const stateField = (state: string | null): Html | false =>
  state !== null && html`<input type="hidden" name="state" value="${state}">`;

const confirm = (context: WebContext, confirmation: Confirmation): WebAnswer => {
  const { manifest, name, owner, state, problem } = confirmation;
  const action = settingsOf(owner);
  return {
    status: problem === undefined ? 200 : 422,
    title: `Create GitHub App for ${owner.login}`,
    body: html`<form method="post" action="${action}">
${context.authenticity(action)}
<input type="hidden" name="manifest" value="${JSON.stringify(manifest)}">
${stateField(state)}
<label for="name">GitHub App name</label>
<input type="text" id="name" name="name" value="${name}" required autocomplete="off" aria-describedby="name-note"${problem === undefined ? '' : html` aria-invalid="true"`}>
<p id="name-note">${problem === undefined ? html`<span class="muted">The name of an App is one for all of GitHub.</span>` : html`<span class="error" role="alert">${problem}</span>`}</p>
${manifest.description ? html`<p>${manifest.description}</p>` : ''}
<h2>Permissions</h2>
${permissionList({ metadata: 'read', ...manifest.default_permissions })}
<p>${manifest.public ? 'Any account can install it.' : `Only ${owner.login} can install it.`} ${manifest.hook_attributes ? `Events are sent to ${manifest.hook_attributes.url}.` : 'It has no webhook.'}</p>
<button type="submit">Create GitHub App</button>
</form>`,
  };
};

/** A page for a manifest that is to be pasted: GitHub has a long form here. */
const show = (context: WebContext): WebAnswer => {
  const owner = ownerOf(context);
  if (!owner) return notFound();
  const state = context.query.get('state');
  const query = state === null ? '' : `?${new URLSearchParams({ state })}`;
  return {
    status: 200,
    title: 'Register new GitHub App',
    body: html`<form method="post" action="${settingsOf(owner)}/new${query}">
<label for="manifest">GitHub App manifest (JSON)</label>
<textarea id="manifest" name="manifest" rows="12" required></textarea>
<button type="submit">Continue</button>
</form>`,
  };
};

const review = (context: WebContext): WebAnswer => {
  const owner = ownerOf(context);
  if (!owner) return notFound();
  const result = parseManifest(context.form.get('manifest'));
  if (!result.ok) return invalid(result.problems);
  const { manifest } = result;
  return confirm(context, { manifest, name: manifest.name ?? '', owner, state: context.query.get('state') });
};

const create = (context: WebContext): WebAnswer => {
  const { form, now } = context;
  const owner = ownerOf(context);
  if (!owner) return notFound();
  const result = parseManifest(form.get('manifest'));
  if (!result.ok) return invalid(result.problems);
  const { manifest } = result;
  const { registrations } = context.state;
  const name = (form.get('name') ?? '').trim();
  const state = form.get('state');
  const problem = registrations.nameProblem(name, owner);
  if (problem !== undefined) return confirm(context, { manifest, name, owner, state, problem });
  return {
    location: registrations.register({ manifest, name, owner, state: state ?? undefined, now }).location,
  };
};

/**
 * New App from a manifest: the form of another site, what it would make, and the button that makes it.
 * @see https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
 */
export const newAppPages: readonly WebPage[] = [
  '/settings/apps',
  '/organizations/{org}/settings/apps',
].flatMap((settings): WebPage[] => [
  { method: 'GET', pattern: `${settings}/new`, handle: show },
  { method: 'POST', pattern: `${settings}/new`, open: true, handle: review },
  { method: 'POST', pattern: settings, handle: create },
]);
