import type { Account, Directory, Installation, Repository } from '../directory.ts';
import { type Html, html } from './html.ts';

const repositoriesOf = (directory: Directory, account: Account): Repository[] =>
  directory.repositories
    .values()
    .filter(({ ownerId }) => ownerId === account.id)
    .sort((a, b) => a.id - b.id);

/** The choice of all or some of an account's repositories, as it stands. */
export const repositoryFields = (
  directory: Directory,
  account: Account,
  chosen: Installation['repositories'],
  problem?: string,
): Html => {
  const checked = html` checked`;
  const isAll = chosen === 'all';
  return html`<fieldset><legend>Repository access</legend>
${problem !== undefined && html`<p class="error" role="alert">${problem}</p>`}
<label><input type="radio" name="selection" value="all"${isAll && checked}> All repositories</label>
<label><input type="radio" name="selection" value="selected"${!isAll && checked}> Only select repositories</label>
</fieldset>
<fieldset><legend>Repositories, if only some are selected</legend>
${repositoriesOf(directory, account).map((entry) => html`<label><input type="checkbox" name="repository_ids" value="${entry.id}"${!isAll && chosen.includes(entry.id) && checked}> ${entry.owner}/${entry.name}</label>`)}
</fieldset>`;
};

/** What a form with those fields selects: all, or the names of repositories of that account; none is an empty list. */
export const selectionOf = (
  directory: Directory,
  account: Account,
  form: URLSearchParams,
): 'all' | string[] => {
  if (form.get('selection') === 'all') return 'all';
  const ids = form.getAll('repository_ids');
  return repositoriesOf(directory, account)
    .filter(({ id }) => ids.includes(String(id)))
    .map(({ name }) => name);
};
