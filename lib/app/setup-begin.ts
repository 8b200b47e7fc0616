import { KmError } from '../errors.ts';
import { shellWord } from '../shell-word.ts';
import { type AppContext, gitHubPlaces } from './app-context.ts';
import { type FinishSetupOptions, finishSetup, type SetUpApp } from './setup-app.ts';
import type { PageRequest } from './setup-flow.ts';
import { type AppWish, buildManifest, newAppUrl } from './setup-manifest.ts';
import { otherAppName } from './setup-name.ts';
import { setupPage } from './setup-page.ts';
import type { RecordAt } from './setup-record.ts';
import type { SetupPlatform, SetupRecovery } from './setup-recovery.ts';
import { startSetupServer } from './setup-server.ts';

export interface BeginSetupOptions extends FinishSetupOptions {
  readonly wish: AppWish & { readonly name: string };
  readonly platform: SetupPlatform;
  /** GitHub's host; absent: github.com. */
  readonly host?: string;
  /** Of 127.0.0.1; 0: a free one. */
  readonly port: number;
  /** Whether the App takes the place of one that is configured. */
  readonly replace: boolean;
  /** Of this process. */
  readonly pid: number;
}

/** A set-up that waits for the browser. */
export interface SetupRun {
  /** What to open in the browser. */
  readonly url: string;
  /** The App, once it is on GitHub and stored; rejects with what stopped that. */
  readonly app: Promise<SetUpApp>;
  /** Ends the page, but not before what has come from GitHub is stored, or kept in the recovery file. */
  close(): Promise<void>;
}

/**
 * What an earlier run left to go on from. A run that only waited for its browser left nothing.
 *
 * @throws {KmError} `ErrSetupRecovery` while that run is still there, or for a file that is not km's.
 */
export async function leftSetup(
  recovery: SetupRecovery,
  isAlive: (pid: number) => boolean,
): Promise<RecordAt<'code'> | RecordAt<'app'> | undefined> {
  const record = await recovery.read();
  if (record === undefined) return undefined;
  if (isAlive(record.pid)) {
    throw new KmError(
      'ErrSetupRecovery',
      `Another km github runs for this platform: process ${record.pid}.`,
      {
        remedy: `Go on there, or end it first (kill ${record.pid}). If that process is another program: rm ${shellWord(recovery.file)}${
          record.stage === 'started' ? '' : ', but it holds an App that is not stored yet'
        }`,
      },
    );
  }
  if (record.stage !== 'started') return record;
  await recovery.remove();
  return undefined;
}

/**
 * Shows the page on 127.0.0.1, takes GitHub's answer from it, and stores the App.
 *
 * @throws {KmError} `ErrSetupRecovery`, `ErrSetupPage`, `ErrGitHubBadHost`, before anything is made.
 */
export async function beginSetup(context: AppContext, options: BeginSetupOptions): Promise<SetupRun> {
  const { wish, platform, recovery, replace, pid } = options;
  const { randomBytes } = context.cloud;
  const { host, webUrl } = gitHubPlaces(context, options.host);
  const shared = { version: 1, pid, host, replace } as const;
  const names = [wish.name];
  const nameOf = (attempt: number): string => {
    while (names.length <= attempt) names.push(otherAppName(randomBytes, wish.name));
    return names[attempt] ?? wish.name;
  };
  const { org } = wish;
  const page = ({
    attempt,
    redirectUrl,
    state,
    nonce,
  }: PageRequest & { readonly redirectUrl: string }): string =>
    setupPage({
      manifest: buildManifest({ ...wish, name: nameOf(attempt), webUrl, redirectUrl }),
      action: newAppUrl(webUrl, state, org),
      host,
      platform,
      other: { name: nameOf(attempt + 1), url: `/?name=${attempt + 1}` },
      nonce,
      ...(org === undefined ? {} : { org }),
    });
  let storing: Promise<SetUpApp> | undefined;
  const onCode = (code: string): Promise<SetUpApp> => {
    const record = { ...shared, stage: 'code', code, ...(org === undefined ? {} : { org }) } as const;
    // Where this disk fails, the code is still good for the App now.
    storing = recovery
      .replace(record)
      .catch((error: unknown) => options.onWarning?.(error instanceof Error ? error.message : String(error)))
      .then(() => finishSetup(context, record, options));
    return storing;
  };

  await recovery.create({ ...shared, stage: 'started' });
  const unbegun = async (): Promise<void> => {
    const record = await recovery.read();
    if (record?.stage === 'started') await recovery.remove();
  };
  const server = await startSetupServer({ port: options.port, randomBytes, webUrl, page, onCode }).catch(
    async (error: unknown) => {
      await unbegun();
      throw error;
    },
  );
  return {
    url: server.url,
    app: server.taken,
    close: async () => {
      await storing?.catch(() => undefined);
      await server.close();
      await unbegun();
    },
  };
}
