import { KmError } from '../errors.ts';
import { type CreatedApp, convertManifest } from '../github/convert-manifest.ts';
import { Secret } from '../secret.ts';
import { type AppContext, gitHubDeadline, gitHubPlaces } from './app-context.ts';
import { readAppConfig, writeAppConfig } from './app-store.ts';
import { installUrl } from './setup-manifest.ts';
import type { RecordAt } from './setup-record.ts';
import type { SetupRecovery } from './setup-recovery.ts';

/** The App that a set-up has made and stored. */
export interface SetUpApp {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly owner: string;
  readonly clientId: string;
  readonly htmlUrl: string;
  readonly host: string;
  /** Where an account installs it. */
  readonly installUrl: string;
}

export interface FinishSetupOptions {
  readonly recovery: SetupRecovery;
  /** Told before each step, for a person to read. */
  readonly onStep?: (step: string) => void;
  /** Told what went wrong and does not stop the set-up. */
  readonly onWarning?: (warning: string) => void;
}

/**
 * From GitHub's code to the stored App. What GitHub hands out once is written down before anything else is done with
 * it; whatever fails after that, the same call with the record that was left goes on from there.
 *
 * @throws {KmError} `ErrGitHubManifestCode` for a spent code, `ErrAppConfigExists` when another App was stored in the
 * meantime, and what converting, storing and the recovery file throw.
 */
export async function finishSetup(
  context: AppContext,
  record: RecordAt<'code'> | RecordAt<'app'>,
  options: FinishSetupOptions,
): Promise<SetUpApp> {
  return storeApp(
    context,
    record.stage === 'app' ? record : await convert(context, record, options),
    options,
  );
}

async function convert(
  context: AppContext,
  { code, host, pid, replace, org }: RecordAt<'code'>,
  { recovery, onStep, onWarning }: FinishSetupOptions,
): Promise<RecordAt<'app'>> {
  onStep?.('taking the App and its key over from GitHub');
  const { transport, webUrl } = gitHubPlaces(context, host);
  const created = await convertManifest(transport, { code, deadline: gitHubDeadline(context) }).catch(
    async (error: unknown) => {
      if (!(error instanceof KmError && error.code === 'ErrGitHubManifestCode')) throw error;
      // No later run can do anything with it either.
      await recovery.remove();
      throw spentCode(error, webUrl, org);
    },
  );
  const made = recordOf(created, { pid, host, replace });
  // The key is nowhere else now: where this disk fails, Parameter Store is still tried.
  await recovery.replace(made).catch((error: unknown) => {
    onWarning?.(error instanceof Error ? error.message : String(error));
  });
  return made;
}

const recordOf = (
  { app, privateKey }: CreatedApp,
  shared: { readonly pid: number; readonly host: string; readonly replace: boolean },
): RecordAt<'app'> => {
  const { id, slug, name, owner, clientId, htmlUrl } = app;
  return {
    version: 1,
    stage: 'app',
    ...shared,
    app: { id, slug, name, owner, clientId, htmlUrl, pem: privateKey.reveal() },
  };
};

const spentCode = (cause: KmError, webUrl: string, org: string | undefined): KmError =>
  new KmError(cause.code, cause.message, {
    remedy: `The App is at ${webUrl}${org === undefined ? '' : `/organizations/${org}`}/settings/apps. Generate a private key there and run km configure github --app-client-id ID --private-key-file PATH; or delete it there and run km github again.`,
    cause,
  });

async function storeApp(
  context: AppContext,
  { app, host, replace }: RecordAt<'app'>,
  { recovery, onStep }: FinishSetupOptions,
): Promise<SetUpApp> {
  const { pem, ...rest } = app;
  const stored = await readAppConfig(context.cloud);
  // What an earlier run has stored of this App stands in nobody's way, and neither does a key without its client id.
  const ours = stored.clientId === undefined || stored.clientId === app.clientId;
  await writeAppConfig(
    context.cloud,
    { privateKey: new Secret(pem), clientId: app.clientId, slug: app.slug, host },
    { replace: replace || ours, onWrite: (name) => onStep?.(`storing ${name}`) },
  );
  await recovery.remove();
  return { ...rest, host, installUrl: installUrl(gitHubPlaces(context, host).webUrl, app) };
}
