import type {
  InspectAnswer,
  InspectedApp,
  InspectedInstallation,
  InspectionProblem,
} from '../broker/inspection.ts';
import { ERROR_FAULTS, type ErrorCode, KmError } from '../errors.ts';
import { createGitHubApp } from '../github/app.ts';
import { pemSigner } from '../github/app-signer.ts';
import { type AppDetails, getApp } from '../github/get-app.ts';
import type { Installation } from '../github/installation.ts';
import { listInstallations } from '../github/list-installations.ts';
import { type AppContext, gitHubDeadline, gitHubPlaces } from './app-context.ts';
import type { GivenKey } from './read-key-file.ts';

/** The App as GitHub describes it to whoever holds its key. */
export interface SeenApp {
  /** Lower case. */
  readonly host: string;
  readonly clientId: string;
  readonly app: AppDetails;
  /** All of them, in GitHub's order. */
  readonly installations: readonly Installation[];
}

export interface LookWithKeyOptions {
  readonly clientId: string;
  readonly key: GivenKey;
  /** Absent means github.com. */
  readonly host?: string | undefined;
}

/**
 * Asks GitHub about the App with a key that was given: which App it is, and all its installations.
 *
 * @throws {KmError} `ErrGitHubKeyOfAnotherApp` when the key and the client id are not of one App, `ErrGitHubBadHost`, or
 * what asking GitHub throws.
 */
export async function lookWithKey(context: AppContext, options: LookWithKeyOptions): Promise<SeenApp> {
  const { clientId, key } = options;
  const { host, transport } = gitHubPlaces(context, options.host);
  const deadline = gitHubDeadline(context);
  const gitHubApp = createGitHubApp({ clientId, signer: pemSigner(key.pem), transport });
  const app = await getApp(gitHubApp, { deadline });
  if (!isOfApp(app, clientId)) {
    throw new KmError(
      'ErrGitHubKeyOfAnotherApp',
      `The private key in ${key.source} is of the App ${app.name} with client id '${app.clientId ?? app.id}', not of '${clientId}'`,
      { remedy: `--app-client-id ${app.clientId ?? app.id}, or a private key of the App that you mean` },
    );
  }
  return { host, clientId, app, installations: await listInstallations(gitHubApp, { deadline }) };
}

/** Whether a client id or an App id is that of an App. An old GitHub Enterprise Server does not tell the client id. */
export const isOfApp = (app: AppDetails, clientId: string): boolean =>
  clientId === String(app.id) || app.clientId === undefined || app.clientId === clientId;

/**
 * What the refresher saw, as if this machine had looked.
 *
 * @throws {KmError} the first thing that the refresher found wrong, under its own code.
 */
export function seenByRefresher(inspection: InspectAnswer): SeenApp {
  const { app, installations, client_id: clientId, host } = inspection;
  if (app === undefined || installations === undefined || clientId === undefined || !inspection.jwt?.ok)
    throw problemError(inspection.problems);
  return {
    host,
    clientId,
    app: detailsOf(app),
    installations: installations.map(installationOf),
  };
}

/** An error for what the refresher found wrong: the first code, all messages and remedies. */
export function problemError(problems: readonly InspectionProblem[]): KmError {
  const [first] = problems;
  const remedies = [...new Set(problems.flatMap(({ remedy }) => remedy ?? []))];
  const code: ErrorCode = first && Object.hasOwn(ERROR_FAULTS, first.code) ? first.code : 'ErrRefreshFailed';
  return new KmError(
    code,
    problems.map(({ message }) => message).join('\n') || 'The refresher could not look at the App',
    remedies.length > 0 ? { remedy: remedies.join('\n  ') } : {},
  );
}

const detailsOf = (app: InspectedApp): AppDetails => ({
  id: app.id,
  slug: app.slug,
  name: app.name,
  owner: app.owner,
  permissions: app.permissions,
  htmlUrl: app.html_url,
  ...(app.client_id === undefined ? {} : { clientId: app.client_id }),
  ...(app.owner_type === undefined ? {} : { ownerType: app.owner_type }),
});

const installationOf = (installation: InspectedInstallation): Installation => ({
  id: installation.id,
  account: installation.account,
  accountType: installation.type,
  repositorySelection: installation.repository_selection,
  permissions: installation.permissions,
  suspended: installation.suspended,
  ...(installation.html_url === undefined ? {} : { settingsUrl: installation.html_url }),
});
