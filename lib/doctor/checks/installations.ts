import type { InspectAnswer } from '../../broker/inspection.ts';
import { ownerScopes } from '../../broker/owner-scopes.ts';
import { sameName } from '../../github/installation.ts';
import { type Check, type Finding, fail, ok, skip, warn } from '../check.ts';
import type { Facts } from '../facts.ts';
import { acceptedApp } from './github.ts';

type Found = NonNullable<InspectAnswer['installations']>[number];

const DISCOVER = 'km configure github --discover --force';
const PRUNE = 'km configure github --discover --prune';

/** Each account's installation: there, the stored one, not suspended; and entries whose installation is gone. */
export const installations: Check = {
  id: 'installations',
  title: 'Installations',
  async run(facts) {
    const answer = await acceptedApp(facts);
    const found = answer.installations;
    if (!found) return [skip('not looked at: GitHub did not list them')];
    const wanted = await ownersInUse(facts);
    const install = `${answer.app?.html_url ?? ''}/installations/new`;
    const problems = [
      ...found.flatMap((each) => ofInstallation(each, answer.stored_installations)),
      ...answer.stored_installations.flatMap((entry) => ofEntry(entry, found)),
      ...wanted
        .filter((owner) => !found.some(({ account }) => sameName(account, owner)))
        .filter((owner) => !answer.stored_installations.some((entry) => entry.owner === owner))
        .map((owner) =>
          about(
            owner,
            fail(`not installed on ${owner}, whose repos sandboxes use`, `${install}   # then: ${DISCOVER}`),
          ),
        ),
    ];
    if (found.length === 0 && problems.length === 0) {
      return [fail('the App is installed nowhere', `${install}   # then: ${DISCOVER}`)];
    }
    const names = found.map(({ account }) => account).sort((a, b) => a.localeCompare(b));
    const selections = found.map(
      ({ account, repository_selection }) =>
        `${account}: ${repository_selection === 'all' ? 'all repos' : 'selected repos'}`,
    );
    const headline = ok(
      `${found.length} installation(s) found (${names.join(', ')}); ${selections.sort((a, b) => a.localeCompare(b)).join(', ')}`,
    );
    return found.length === 0 ? problems : [headline, ...problems];
  },
};

const about = (subject: string, finding: Finding): Finding => ({ ...finding, subject });

/** Owners that sandboxes name, in lower case. */
async function ownersInUse(facts: Facts): Promise<string[]> {
  const owners = (await facts.sandboxes()).flatMap(({ event }) =>
    ownerScopes(event?.allowed_repos ?? []).map(({ owner }) => owner),
  );
  return [...new Set(owners)].filter((owner) => owner !== '*').sort();
}

function ofInstallation(found: Found, stored: InspectAnswer['stored_installations']): Finding[] {
  const { account, id, html_url } = found;
  const entry = stored.find(({ owner }) => sameName(owner, account));
  if (found.suspended) {
    return [
      about(
        account,
        fail(
          `${account} is suspended: no token can be minted for it`,
          `${html_url ?? 'the installation settings on GitHub'}   # an owner of ${account} unsuspends it there`,
        ),
      ),
    ];
  }
  // An account that was renamed is told by its old entry.
  if (!entry && stored.some((other) => other.id === id)) return [];
  if (!entry)
    return [
      about(
        account,
        warn(`${account} (${id}) is installed, but not stored`, 'km configure github --discover'),
      ),
    ];
  if (entry.id !== id) {
    return [
      about(
        account,
        warn(`${account} is ${id} on GitHub and ${entry.id} as stored: it was installed anew`, DISCOVER),
      ),
    ];
  }
  return [];
}

/** An entry for which GitHub has no installation of that account. */
function ofEntry(
  { owner, id }: { readonly owner: string; readonly id: number },
  found: readonly Found[],
): Finding[] {
  if (found.some(({ account }) => sameName(account, owner))) return [];
  const renamed = found.find((each) => each.id === id);
  return [
    about(
      owner,
      fail(
        renamed
          ? `${owner} is ${renamed.account} on GitHub now`
          : `${owner} is stored (${id}), but the App is not installed there any more`,
        PRUNE,
      ),
    ),
  ];
}
