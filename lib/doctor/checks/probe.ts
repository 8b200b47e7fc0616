import { type Check, fail, ok, skip } from '../check.ts';
import { acceptedApp } from './github.ts';

/** Mints a token that may read one repo, and sees that it reads, writes nothing, and dies when it is revoked. */
export const probe: Check = {
  id: 'probe',
  title: 'Probe',
  async run(facts) {
    await acceptedApp(facts);
    const repo = facts.options.probe || (await firstRepo(facts.sandboxes));
    if (repo === undefined)
      return [skip('no sandbox names a repo to probe', 'km doctor --probe --repo OWNER/NAME')];
    const { ok: passed, steps, problem } = await facts.probe(repo);
    const told = steps.map(({ name, ok: held }) => `${held ? '' : 'not '}${name}`).join(', ');
    if (passed) return [ok(`${repo}: ${told}`)];
    const broken = steps.find((step) => !step.ok);
    const why = broken ? `${broken.name}: ${broken.detail}` : (problem?.message ?? 'it did not end');
    return [fail(`${repo}: ${why}`, problem?.remedy ?? `km doctor --probe --repo ${repo}`)];
  },
};

async function firstRepo(
  sandboxes: () => Promise<readonly { readonly event?: { readonly allowed_repos: readonly string[] } }[]>,
): Promise<string | undefined> {
  return (await sandboxes())
    .flatMap(({ event }) => event?.allowed_repos ?? [])
    .find((repo) => !repo.includes('*'));
}
