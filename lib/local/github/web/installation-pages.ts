import type { App } from '../app.ts';
import type { Account, Installation } from '../directory.ts';
import { pendingPermissions } from '../owner-actions.ts';
import { type Html, html } from './html.ts';
import { afterInstall, installationPath } from './install-pages.ts';
import { permissionList } from './permission-list.ts';
import { repositoryFields, selectionOf } from './repository-fields.ts';
import { notFound, type WebAnswer, type WebContext, type WebPage } from './web-page.ts';

interface Found {
  readonly installation: Installation;
  readonly account: Account;
  readonly app: App;
  readonly path: string;
}

/** The installation that the path names, if it is one of the account in the path, or of who is signed in. */
const find = ({ state, params, user }: WebContext): Found | undefined => {
  const installation = state.directory.installation(params.id ?? '');
  const account = state.directory.accountById(installation?.accountId);
  const app = installation && state.apps.get(installation.appId);
  if (!installation || !account || !app) return undefined;
  const isOwn = params.org === undefined ? account.id === user.id : sameLogin(account, params.org);
  return isOwn ? { installation, account, app, path: installationPath(account, installation.id) } : undefined;
};

const sameLogin = (account: Account, login: string): boolean =>
  account.type === 'Organization' && account.login.toLowerCase() === login.toLowerCase();

/** A form with one button. */
const button = (context: WebContext, action: string, label: string, isDanger = false): Html =>
  html`<form method="post" action="${action}">${context.authenticity(action)}<p><button type="submit"${isDanger && html` class="danger"`}>${label}</button></p></form>`;

const show = (context: WebContext, found: Found, problem?: string): WebAnswer => {
  const { installation, account, app, path } = found;
  const isPending = Object.keys(pendingPermissions(app, installation)).length > 0;
  const isSuspended = installation.suspendedAt !== undefined;
  return {
    status: problem === undefined ? 200 : 422,
    title: `${app.name} on ${account.login}`,
    body: html`${isSuspended && html`<p class="box" role="status">This installation is suspended.</p>`}
${isPending && html`<p class="box" role="status">${app.name} is requesting an update to its permissions. <a href="${path}/permissions/update">Review request</a></p>`}
<h2>Permissions</h2>
${permissionList(installation.permissions)}
<form method="post" action="${path}">
${context.authenticity(path)}
${repositoryFields(context.state.directory, account, installation.repositories, problem)}
<button type="submit">Save</button>
</form>
<h2>Danger zone</h2>
${isSuspended ? button(context, `${path}/unsuspend`, 'Unsuspend') : button(context, `${path}/suspend`, 'Suspend', true)}
${button(context, `${path}/uninstall`, 'Uninstall', true)}`,
  };
};

const save = (context: WebContext, found: Found): WebAnswer => {
  const { account, app } = found;
  const { owner, directory } = context.state;
  const repositories = selectionOf(directory, account, context.form);
  if (repositories.length === 0) return show(context, found, 'Select at least one repository.');
  const installation = owner.changeInstallation(account.login, { repositories }, app.slug);
  if (!installation) return notFound();
  if (!app.setupOnUpdate) return { location: found.path };
  return { location: afterInstall(app, account, installation, { setup_action: 'update' }) };
};

const review = (context: WebContext, { app, installation, path }: Found): WebAnswer => {
  const pending = pendingPermissions(app, installation);
  if (Object.keys(pending).length === 0) return { location: path };
  return {
    status: 200,
    title: `${app.name} is requesting updated permissions`,
    body: html`<h2>New request</h2>${permissionList(pending)}
<h2>Already granted</h2>${permissionList(installation.permissions)}
${button(context, `${path}/permissions/update`, 'Accept new permissions')}`,
  };
};

const suspend =
  (suspended: boolean) =>
  (context: WebContext, found: Found): WebAnswer => {
    context.state.owner.changeInstallation(found.account.login, { suspended }, found.app.slug);
    return { location: found.path };
  };

type Handler = (context: WebContext, found: Found) => WebAnswer;

const onInstallation =
  (handle: Handler): WebPage['handle'] =>
  (context) => {
    const found = find(context);
    return found ? handle(context, found) : notFound();
  };

const PAGES: readonly [WebPage['method'], string, Handler][] = [
  ['GET', '', show],
  ['POST', '', save],
  ['POST', '/suspend', suspend(true)],
  ['POST', '/unsuspend', suspend(false)],
  ['GET', '/permissions/update', review],
  [
    'POST',
    '/permissions/update',
    ({ state }, { account, app, path }) => {
      state.owner.acceptPermissions(account.login, app.slug);
      return { location: path };
    },
  ],
  [
    'POST',
    '/uninstall',
    ({ state }, { account, app }) => {
      state.owner.uninstall(account.login, app.slug);
      return { location: `${state.appsPath}/${app.slug}` };
    },
  ],
];

/** An installation in the settings of its account: its repositories, its permissions, and its end. */
export const installationPages: readonly WebPage[] = ['', '/organizations/{org}'].flatMap((account) =>
  PAGES.map(([method, rest, handler]) => ({
    method,
    pattern: `${account}/settings/installations/{id}${rest}`,
    handle: onInstallation(handler),
  })),
);
