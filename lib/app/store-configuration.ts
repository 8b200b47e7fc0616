import type { AppContext } from './app-context.ts';
import { removeParameters } from './app-parameters.ts';
import { writeAppConfig } from './app-store.ts';
import type { FoundInstallation, InstallationComparison } from './compare-installations.ts';
import type { ConfigurationItem, ConfigurationPlan } from './plan-configuration.ts';

export interface StoreOptions {
  /** Puts other values in the place of those stored. */
  readonly force: boolean;
  /** What the discovery found, when there is one. */
  readonly discovered?: InstallationComparison | undefined;
  /** Removes what the discovery found gone. */
  readonly prune: boolean;
  /** Told before each parameter is written or removed. */
  readonly onWrite?: (name: string) => void;
}

/** What storing a plan would do. */
export interface Outcome {
  /** Values that differ from those stored and stay as they are without `force`: then nothing is written. */
  readonly conflicts: readonly ConfigurationItem[];
  /** Entries of the discovery that are written. */
  readonly entries: readonly FoundInstallation[];
  /** Entries of the discovery that differ and stay as they are without `force`; the others are written all the same. */
  readonly left: readonly FoundInstallation[];
  /** Parameters that are removed. */
  readonly removed: readonly string[];
}

/** What {@link storeConfiguration} would write, leave and remove. */
export function outcomeOf(context: AppContext, plan: ConfigurationPlan, options: StoreOptions): Outcome {
  const { names } = context.cloud;
  const { discovered, force } = options;
  const changed = discovered?.found.filter(({ state }) => state === 'changed') ?? [];
  const added = discovered?.found.filter(({ state }) => state === 'new') ?? [];
  const gone = options.prune ? (discovered?.gone ?? []) : [];
  return {
    conflicts: force ? [] : plan.items.filter(({ state }) => state === 'changed'),
    entries: force ? [...added, ...changed] : added,
    left: force ? [] : changed,
    removed: gone.map(({ account }) =>
      account === undefined ? names.legacyInstallationId : names.installation(account),
    ),
  };
}

/**
 * Writes what a plan and a discovery say, in the order of {@link writeAppConfig}, and removes last.
 * With conflicts it does nothing. Can be repeated wherever it stopped. Throws as {@link writeAppConfig}.
 *
 * @returns the names written and removed.
 */
export async function storeConfiguration(
  context: AppContext,
  plan: ConfigurationPlan,
  options: StoreOptions,
): Promise<readonly string[]> {
  const { conflicts, entries, removed } = outcomeOf(context, plan, options);
  if (conflicts.length > 0) return [];
  const { onWrite } = options;
  const installations = [
    ...(plan.change.installations ?? []),
    ...entries.filter(({ id }) => id !== plan.chosen?.id),
  ];
  const written = await writeAppConfig(
    context.cloud,
    { ...plan.change, installations },
    { replace: options.force, ...(onWrite ? { onWrite } : {}) },
  );
  if (removed.length === 0) return written;
  for (const name of removed) onWrite?.(name);
  await removeParameters(context.cloud, removed);
  return [...written, ...removed];
}
