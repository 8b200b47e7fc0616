import type { App } from '../app.ts';
import type { Account, Installation } from '../directory.ts';
import { html } from './html.ts';
import { permissionList } from './permission-list.ts';
import { repositoryFields, selectionOf } from './repository-fields.ts';
import { notFound, type WebAnswer, type WebContext, type WebPage } from './web-page.ts';

/** The page of an installation in the settings of its account. */
export const installationPath = (account: Pick<Account, 'type' | 'login'>, id: number): string =>
  `${account.type === 'User' ? '' : `/organizations/${account.login}`}/settings/installations/${id}`;

const appOf = ({ state, params }: WebContext): App | undefined => state.apps.bySlug(params.slug ?? '');

/** Where who is signed in may install the App: on itself and the organizations; a private App on its owner only. */
const targetsOf = ({ state, user }: WebContext, app: App): Account[] =>
  state.directory
    .allAccounts()
    .filter(({ id, type }) => id === user.id || type === 'Organization')
    .filter(({ id }) => app.public || id === app.ownerId);

const withState = (path: string, state: string | null, more: Record<string, string> = {}): string => {
  const query = new URLSearchParams({ ...more, ...(state === null ? {} : { state }) });
  return query.size === 0 ? path : `${path}?${query}`;
};

const showApp = (context: WebContext): WebAnswer => {
  const app = appOf(context);
  if (!app || targetsOf(context, app).length === 0) return notFound();
  const { appsPath } = context.state;
  return {
    status: 200,
    title: app.name,
    body: html`<p>${app.description}</p>
<p><a href="${app.url}">${app.url}</a></p>
${permissionList(app.permissions)}
<p><a href="${appsPath}/${app.slug}/installations/new">Install</a></p>`,
  };
};

const chooseAccount = (context: WebContext): WebAnswer => {
  const app = appOf(context);
  const targets = app ? targetsOf(context, app) : [];
  if (!app || targets.length === 0) return notFound();
  const { directory, appsPath } = context.state;
  const state = context.query.get('state');
  const rows = targets.map((target) => {
    const installation = directory.installationOf(target.login, app.id);
    const path = `${appsPath}/${app.slug}/installations/new/permissions`;
    return installation
      ? html`<li><a href="${installationPath(target, installation.id)}">${target.login}</a> <span class="muted">installed · Configure</span></li>`
      : html`<li><a href="${withState(path, state, { target_id: String(target.id) })}">${target.login}</a></li>`;
  });
  return {
    status: 200,
    title: `Install ${app.name}`,
    body: html`<p>Where do you want to install ${app.name}?</p><ul>${rows}</ul>`,
  };
};

const chooseRepositories = (context: WebContext, problem?: string): WebAnswer => {
  const app = appOf(context);
  const asked = context.query.get('target_id') ?? context.form.get('target_id');
  const target = app && targetsOf(context, app).find(({ id }) => String(id) === asked);
  if (!app || !target) return notFound();
  const { directory, appsPath } = context.state;
  const installation = directory.installationOf(target.login, app.id);
  if (installation) return { location: installationPath(target, installation.id) };
  const action = `${appsPath}/${app.slug}/installations`;
  const state = context.query.get('state') ?? context.form.get('state');
  return {
    status: problem === undefined ? 200 : 422,
    title: `Install ${app.name}`,
    body: html`<p>Install on ${target.type === 'User' ? 'your personal account' : 'the organization'} <strong>${target.login}</strong></p>
<form method="post" action="${action}">
${context.authenticity(action)}
<input type="hidden" name="target_id" value="${target.id}">
${state !== null && html`<input type="hidden" name="state" value="${state}">`}
${repositoryFields(directory, target, 'all', problem)}
<h2>with these permissions:</h2>
${permissionList(app.permissions)}
<button type="submit">Install</button>
</form>`,
  };
};

/** Where a browser goes after an installation: the App's setup URL, or the installation's own page. */
export const afterInstall = (
  app: App,
  account: Account,
  installation: Installation,
  more: Record<string, string>,
): string => {
  if (app.setupUrl === undefined) return installationPath(account, installation.id);
  const location = new URL(app.setupUrl);
  location.searchParams.set('installation_id', String(installation.id));
  for (const [name, value] of Object.entries(more)) location.searchParams.set(name, value);
  return location.href;
};

const install = (context: WebContext): WebAnswer => {
  const app = appOf(context);
  const { form, state } = context;
  const target = app && targetsOf(context, app).find(({ id }) => String(id) === form.get('target_id'));
  if (!app || !target) return notFound();
  const existing = state.directory.installationOf(target.login, app.id);
  if (existing) return { location: installationPath(target, existing.id) };
  const repositories = selectionOf(state.directory, target, form);
  if (repositories.length === 0) return chooseRepositories(context, 'Select at least one repository.');
  const installation = state.owner.install({ account: target.login, repositories }, app.slug);
  if (!installation) return notFound();
  const given = form.get('state');
  const more = { setup_action: 'install', ...(given === null ? {} : { state: given }) };
  return { location: afterInstall(app, target, installation, more) };
};

/**
 * An App's own page, and the way to install it: an account, its repositories, the button.
 * @param apps `/apps`, or `/github-apps` on GitHub Enterprise Server
 */
export const installPages = (apps: string): readonly WebPage[] => [
  { method: 'GET', pattern: `${apps}/{slug}`, handle: showApp },
  { method: 'GET', pattern: `${apps}/{slug}/installations/new`, handle: chooseAccount },
  { method: 'GET', pattern: `${apps}/{slug}/installations/select_target`, handle: chooseAccount },
  {
    method: 'GET',
    pattern: `${apps}/{slug}/installations/new/permissions`,
    handle: (context) => chooseRepositories(context),
  },
  { method: 'POST', pattern: `${apps}/{slug}/installations`, handle: install },
];
