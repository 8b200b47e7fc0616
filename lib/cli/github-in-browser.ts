import type { AppContext } from '../app/app-context.ts';
import type { FinishSetupOptions, SetUpApp } from '../app/setup-app.ts';
import { beginSetup } from '../app/setup-begin.ts';
import type { SetupPlatform } from '../app/setup-recovery.ts';
import type { GitHubSetupOptions } from './github-options.ts';
import type { Invocation } from './invocation.ts';
import { openBrowser } from './open-browser.ts';

export interface BrowserSetup {
  readonly context: AppContext;
  readonly platform: SetupPlatform;
  /** The host that is stored; the options' own counts more. */
  readonly host: string | undefined;
  readonly asked: GitHubSetupOptions;
  readonly finish: FinishSetupOptions;
}

/** An App that was made in the browser, and the page, which still answers. */
export interface MadeInBrowser {
  readonly app: SetUpApp;
  close(): Promise<void>;
}

/** Shows the page and waits until GitHub's answer is stored. `undefined`: the signal came before that. */
export async function makeInBrowser(
  { terminal, env }: Invocation,
  { context, platform, host, asked, finish }: BrowserSetup,
  signal: AbortSignal,
): Promise<MadeInBrowser | undefined> {
  const named = asked.hostname ?? host;
  const page = await beginSetup(context, {
    ...finish,
    wish: asked,
    platform,
    port: asked.port,
    replace: asked.force,
    pid: process.pid,
    ...(named === undefined ? {} : { host: named }),
  });
  let app: SetUpApp | undefined;
  try {
    const opened = asked.open && openBrowser(page.url, env);
    terminal.error(`${opened ? 'Opened in your browser' : 'Open in your browser'}: ${page.url}`);
    terminal.progress('waiting for GitHub’s answer (Ctrl-C ends it; nothing is stored before that)');
    app = await Promise.race([page.app, interruption(signal)]);
  } finally {
    if (!app) await page.close();
  }
  return app && { app, close: () => page.close() };
}

const interruption = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
