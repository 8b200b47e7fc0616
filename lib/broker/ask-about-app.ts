import type { GitHubApp } from '../github/app.ts';
import { type AppDetails, getApp } from '../github/get-app.ts';
import type { Installation } from '../github/installation.ts';
import { listInstallations } from '../github/list-installations.ts';
import type { InspectAnswer, InspectedApp, InspectedInstallation, InspectionProblem } from './inspection.ts';
import { problemOf } from './inspection-problem.ts';

export interface AskedApp {
  /** What GitHub answered, as part of the answer to an inspect event. */
  readonly answer: Pick<InspectAnswer, 'app' | 'installations' | 'jwt'>;
  readonly installations: readonly Installation[];
  readonly problems: readonly InspectionProblem[];
}

const inspectedApp = ({ clientId, ownerType, htmlUrl, ...app }: AppDetails): InspectedApp => ({
  ...app,
  ...(clientId === undefined ? {} : { client_id: clientId }),
  ...(ownerType === undefined ? {} : { owner_type: ownerType }),
  html_url: htmlUrl,
});

const inspectedInstallation = (installation: Installation): InspectedInstallation => ({
  id: installation.id,
  account: installation.account,
  type: installation.accountType,
  repository_selection: installation.repositorySelection,
  permissions: installation.permissions,
  suspended: installation.suspended,
  ...(installation.settingsUrl === undefined ? {} : { html_url: installation.settingsUrl }),
});

/** GitHub's ways of saying that it does not take the JWT, where anything else leaves that open. */
const OF_THE_JWT: readonly string[] = ['ErrGitHubKeyOfAnotherApp', 'ErrGitHubClockSkew'];

/** Asks GitHub about the App and about all of its installations, side by side. Never throws. */
export const askAboutApp = async (
  app: GitHubApp,
  { deadline }: { readonly deadline: number },
): Promise<AskedApp> => {
  const [details, installations] = await Promise.allSettled([
    getApp(app, { deadline }),
    listInstallations(app, { deadline }),
  ]);
  const problems = [details, installations].flatMap((result) =>
    result.status === 'rejected' ? [problemOf(result.reason)] : [],
  );
  const refusal = problems.find(({ code }) => OF_THE_JWT.includes(code));
  const accepted = details.status === 'fulfilled' || installations.status === 'fulfilled';
  return {
    answer: {
      ...(accepted ? { jwt: { ok: true } } : {}),
      ...(!accepted && refusal ? { jwt: { ok: false, problem: refusal } } : {}),
      ...(details.status === 'fulfilled' ? { app: inspectedApp(details.value) } : {}),
      ...(installations.status === 'fulfilled'
        ? { installations: installations.value.map(inspectedInstallation) }
        : {}),
    },
    installations: installations.status === 'fulfilled' ? installations.value : [],
    problems,
  };
};
