import type { AppContext } from '../app/app-context.ts';
import { readAppConfig, writeAppConfig } from '../app/app-store.ts';
import { compareInstallations, type InstallationComparison } from '../app/compare-installations.ts';
import { seenByRefresher } from '../app/look-at-app.ts';
import { type FinishSetupOptions, finishSetup, type SetUpApp } from '../app/setup-app.ts';
import { leftSetup } from '../app/setup-begin.ts';
import { setupPlatform } from '../app/setup-platform.ts';
import { setupRecovery } from '../app/setup-recovery.ts';
import { awaitInstallation } from '../app/setup-wait.ts';
import { openAppContext } from './app-context.ts';
import { formatDuration } from './format.ts';
import { configuredApp } from './github-configured.ts';
import { makeInBrowser } from './github-in-browser.ts';
import { readGitHubSetupOptions } from './github-options.ts';
import { interruptible } from './interruptible.ts';
import type { Invocation } from './invocation.ts';
import { isAlive, stateHome } from './local-environment.ts';
import { openBrowser } from './open-browser.ts';
import { installationsJson, showInstallations } from './show-app.ts';

/** How often whoever waits is told so, in milliseconds. */
const REMINDER_MS = 30_000;

/**
 * `km github`: makes the App on GitHub in the browser, stores it, waits until it is installed, and stores where.
 * Wherever it stopped, it goes on from there when it is run again.
 */
export async function run(invocation: Invocation): Promise<number | undefined> {
  const { env, terminal } = invocation;
  const asked = readGitHubSetupOptions(invocation);
  const context = await openAppContext(invocation);
  const platform = await setupPlatform(context.cloud, env.AWS_ENDPOINT_URL);
  const recovery = setupRecovery(stateHome(env), platform);
  const finish: FinishSetupOptions = {
    recovery,
    onStep: (step) => terminal.progress(`  … ${step}`),
    onWarning: (warning) => terminal.warn(warning),
  };

  const left = await leftSetup(recovery, isAlive);
  const waiting = left ? undefined : await configuredApp(context, asked);
  const { host } = await readAppConfig(context.cloud);
  return interruptible(terminal, 'run km github again, and it goes on from here', async (signal) => {
    const { open } = asked;
    if (left) {
      terminal.progress(`An earlier run made an App that is not stored yet; going on from ${recovery.file}.`);
      const app = await finishSetup(context, left, finish);
      return install(invocation, context, { app, open, resumed: true, signal });
    }
    if (waiting) {
      terminal.progress(`${waiting.name} is stored already; what is left is to install it.`);
      return install(invocation, context, { app: waiting, open, resumed: true, signal });
    }
    const made = await makeInBrowser(invocation, { context, platform, host, asked, finish }, signal);
    if (!made) return 1;
    try {
      // The page has sent the browser on to the install page.
      return await install(invocation, context, { app: made.app, open: false, resumed: false, signal });
    } finally {
      await made.close();
    }
  });
}

interface Install {
  readonly app: SetUpApp;
  /** Whether a browser is to be opened on the install page. */
  readonly open: boolean;
  /** Whether an earlier run made the App. */
  readonly resumed: boolean;
  readonly signal: AbortSignal;
}

/** Waits for the first installation, and stores every one that there is by then. */
async function install(
  invocation: Invocation,
  context: AppContext,
  { app, open, resumed, signal }: Install,
): Promise<number | undefined> {
  const { terminal, env } = invocation;
  if (open) openBrowser(app.installUrl, env);
  terminal.error(
    `Install ${app.name}${app.owner === '' ? '' : ` of ${app.owner}`} on an account, with the repos that sandboxes may reach: ${app.installUrl}`,
  );
  let told = 0;
  const inspection = await awaitInstallation(context.cloud, {
    signal,
    onWait: (waitedMs) => {
      if (waitedMs < told) return;
      terminal.progress(`waiting for its first installation (${formatDuration(waitedMs)}; Ctrl-C is fine)`);
      told += REMINDER_MS;
    },
  });
  if (!inspection) {
    show(invocation, { app, resumed, discovered: { found: [], gone: [] } });
    return 1;
  }
  const { installations } = seenByRefresher(inspection);
  const discovered = compareInstallations(installations, await readAppConfig(context.cloud));
  // An entry of another App's installation is of no use to this one.
  await writeAppConfig(context.cloud, { installations }, { replace: true });
  show(invocation, { app, resumed, discovered });
  return undefined;
}

function show(
  { options, terminal }: Invocation,
  {
    app: { host, clientId, installUrl, htmlUrl, id, slug, name, owner },
    resumed,
    discovered,
  }: Pick<Install, 'app' | 'resumed'> & { readonly discovered: InstallationComparison },
): void {
  if (options.json) {
    const app = { id, slug, name, owner, url: htmlUrl };
    terminal.json({ host, clientId, app, installUrl, resumed, ...installationsJson(discovered) });
    return;
  }
  terminal.result(`${terminal.style('bold', name)} is set up: ${htmlUrl}`);
  if (discovered.found.length === 0) {
    terminal.result('Once it is installed: km configure github --discover');
    return;
  }
  showInstallations(terminal, discovered);
  if (discovered.gone.length > 0)
    terminal.progress('To remove the entries that are gone: km configure github --discover --prune');
  terminal.result('Next: km create PROFILE');
}
