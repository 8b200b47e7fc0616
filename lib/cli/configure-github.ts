import type { AppContext } from '../app/app-context.ts';
import { FOR_ADMINISTRATORS } from '../app/app-parameters.ts';
import { type AppConfig, readAppConfig } from '../app/app-store.ts';
import { compareInstallations, type InstallationComparison } from '../app/compare-installations.ts';
import { inspectApp } from '../app/inspect-app.ts';
import { problemError } from '../app/look-at-app.ts';
import {
  appNotConfigured,
  type ConfigurationPlan,
  type ConfigurationRequest,
  missingParts,
  planConfiguration,
} from '../app/plan-configuration.ts';
import { outcomeOf, type StoreOptions, storeConfiguration } from '../app/store-configuration.ts';
import { KmError } from '../errors.ts';
import { sameName } from '../github/installation.ts';
import { isAccessDenied } from '../sandbox/explain-aws-error.ts';
import { openAppContext } from './app-context.ts';
import { type ConfigureOptions, readConfigureOptions, readGivenKeyFile } from './configure-options.ts';
import type { Invocation } from './invocation.ts';
import { appJson, installationsJson, showApp, showInstallations, showItems } from './show-app.ts';

/** `km configure github`: checks what is given with GitHub, and stores it; asks for what is missing. */
export async function run(invocation: Invocation): Promise<number | undefined> {
  try {
    return await configure(invocation, readConfigureOptions(invocation));
  } catch (error) {
    if (!isAccessDenied(error)) throw error;
    const { name, message } = error as Error;
    throw new KmError('ErrAws', `${name}: ${message}`, { remedy: FOR_ADMINISTRATORS, cause: error });
  }
}

async function configure(invocation: Invocation, options: ConfigureOptions): Promise<number | undefined> {
  if (options.setup) return (await import('./github.ts')).run(invocation);
  const context = await openAppContext(invocation);
  if (options.rotateKey || options.signer) {
    return (await import('./configure-key.ts')).run(invocation, context, options);
  }
  const stored = await readAppConfig(context.cloud);
  const given: ConfigurationRequest = {
    account: options.account,
    installationId: options.installationId,
    clientId: options.clientId,
    host: options.host,
    ...(options.keyFile === undefined ? {} : { key: await readGivenKeyFile(invocation, options.keyFile) }),
  };
  const missing = missingParts(given, stored).filter((part) => part !== 'installation' || !options.discover);
  const nothingGiven = Object.values(given).every((value) => value === undefined) && !options.discover;
  const inspection = stored.privateKey || stored.signingKey ? await inspectApp(context.cloud) : undefined;
  if (options.interactive && (missing.length > 0 || nothingGiven)) {
    const { askConfiguration } = await import('./ask-configuration.ts');
    const answers = await askConfiguration(invocation.terminal, {
      context,
      given,
      stored,
      inspection,
      force: options.force,
    });
    return store(invocation, context, { ...answers, options });
  }
  if (missing.length === 2 && options.discover && !options.nonInteractive) throw appNotConfigured();
  if (missing.length > 0) throw missingFlags(missing);
  const plan = await planConfiguration(context, given, stored, inspection);
  const discovered = options.discover ? discover(plan, options, stored) : undefined;
  return store(invocation, context, { plan, discovered, options });
}

const FLAGS = {
  'client id': '--app-client-id ID',
  'private key': '--private-key-file PATH',
  installation: '--account LOGIN or --installation-id ID (or --discover for all)',
} as const;

const missingFlags = (missing: readonly (keyof typeof FLAGS)[]): KmError =>
  new KmError('ErrUsage', `These are missing: ${missing.map((part) => FLAGS[part]).join(', ')}.`, {
    remedy: 'Give them, or run it on a terminal to be asked; km github makes a new App.',
  });

/** Everything that GitHub lists; with an account or an id only that one's entry. */
function discover(
  plan: ConfigurationPlan,
  options: ConfigureOptions,
  stored: AppConfig,
): InstallationComparison {
  const all = compareInstallations(plan.seen.installations, stored);
  const { chosen } = plan;
  if (chosen === undefined) return all;
  return {
    found: all.found.filter(({ id }) => id === chosen.id),
    gone: all.gone.filter(({ account }) => options.account && sameName(account ?? '', options.account)),
  };
}

interface ToStore {
  readonly plan: ConfigurationPlan;
  readonly discovered?: InstallationComparison | undefined;
  readonly options: ConfigureOptions;
  /** Agreed to on the terminal, in place of `--force`. */
  readonly agreed?: boolean;
}

async function store(
  { terminal, options: { json } }: Invocation,
  context: AppContext,
  { plan, discovered, options, agreed = false }: ToStore,
): Promise<number> {
  const storing: StoreOptions = {
    force: options.force || agreed,
    prune: options.prune,
    discovered,
    onWrite: (name) => terminal.progress(`  … ${name}`),
  };
  const { conflicts, entries, left, removed } = outcomeOf(context, plan, storing);
  const refused = conflicts.length > 0;
  const changes = options.dryRun || refused ? [] : await storeConfiguration(context, plan, storing);
  const code = refused || left.length > 0 ? 1 : 0;
  const proven = changes.length > 0 ? await prove(context, plan) : undefined;
  if (json) {
    terminal.json({
      ...appJson(plan.seen),
      values: plan.items,
      ...(discovered ? installationsJson(discovered) : {}),
      conflicts: [
        ...conflicts.map(({ parameter }) => parameter),
        ...left.map(({ account }) => context.cloud.names.installation(account)),
      ],
      written: changes.filter((name) => !removed.includes(name)),
      removed: changes.filter((name) => removed.includes(name)),
      dryRun: options.dryRun,
    });
  } else {
    showApp(terminal, plan.seen);
    if (plan.items.length > 0) showItems(terminal, plan.items, refused);
    if (discovered) showInstallations(terminal, discovered);
    if (options.dryRun && !refused) {
      const count = plan.items.filter(({ state }) => state !== 'same').length + entries.length;
      terminal.result(`Nothing was written: --dry-run. ${count} to write, ${removed.length} to remove.`);
    } else if (refused) {
      terminal.result('Nothing was written.');
    } else {
      terminal.result(changes.length === 0 ? 'Nothing to write: all of it is stored.' : 'Stored.');
    }
    if (discovered && discovered.gone.length > 0 && !options.prune)
      terminal.progress('To remove the entries that are gone: km configure github --discover --prune');
  }
  if (code !== 0)
    terminal.error(
      `${terminal.style('cyan', '→', 'stderr')} Add --force to put the new values in the place of those stored.`,
    );
  if (proven) throw proven;
  return code;
}

/** Asks the refresher whether what is stored by now works; the error for when it does not. */
async function prove(context: AppContext, plan: ConfigurationPlan): Promise<KmError | undefined> {
  const inspection = await inspectApp(context.cloud);
  if (inspection.jwt?.ok && inspection.app?.id === plan.seen.app.id) return undefined;
  return problemError(inspection.problems);
}
