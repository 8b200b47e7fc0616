/**
 * The reference for the refresher's CPU: the same function as one writes it with Octokit and the AWS SDK as they come,
 * unbundled. It keeps its clients, and what it has read of the App for five minutes, as the refresher does.
 */
import { GetParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createAppAuth } from '@octokit/auth-app';
import { request as octokit } from '@octokit/request';

const CONFIG = '/km/config/github';
const KEPT_MS = 5 * 60_000;

const ssm = new SSMClient({});
const request = octokit.defaults({ baseUrl: process.env.KM_GITHUB_API_URL });

let kept;

async function loadApp(owners) {
  if (kept && Date.now() - kept.readAt < KEPT_MS && owners.every((owner) => kept.owners.has(owner)))
    return kept;
  const names = ['app-client-id', 'private-key', 'host', ...owners.map((owner) => `installations/${owner}`)];
  const { Parameters } = await ssm.send(
    new GetParametersCommand({ Names: names.map((name) => `${CONFIG}/${name}`), WithDecryption: true }),
  );
  const values = new Map(Parameters.map(({ Name, Value }) => [Name.slice(CONFIG.length + 1), Value]));
  const auth = createAppAuth({
    appId: values.get('app-client-id'),
    privateKey: values.get('private-key'),
    request,
  });
  kept = { auth, values, owners: new Set(owners), readAt: Date.now() };
  return kept;
}

async function refreshOwner(event, { auth, values }, owner, isFirst) {
  const { data: installation } = await request('GET /app/installations/{installation_id}', {
    installation_id: Number(values.get(`installations/${owner}`)),
    request: { hook: auth.hook },
  });
  if (installation.account.login.toLowerCase() !== owner) throw new Error(`Not the installation of ${owner}`);
  const repositoryNames = event.allowed_repos
    .filter((repo) => repo.startsWith(`${owner}/`))
    .map((repo) => repo.slice(owner.length + 1));
  const { token, createdAt, expiresAt, permissions } = await auth({
    type: 'installation',
    installationId: installation.id,
    repositoryNames,
    permissions: event.permissions,
    refresh: true,
  });
  await request('GET /installation/repositories', {
    per_page: 1,
    headers: { authorization: `token ${token}` },
  });
  await ssm.send(
    new PutParameterCommand({
      Name: `/sandbox/${event.sandbox_id}/github-token${isFirst ? '' : `s/${owner}`}`,
      Value: token,
      Type: 'SecureString',
      KeyId: `alias/km-github-token-${event.sandbox_id}`,
      Overwrite: true,
      Description: JSON.stringify({
        mintedAt: createdAt,
        expiresAt,
        owner,
        repositories: repositoryNames,
        permissions,
      }),
    }),
  );
  console.log(JSON.stringify({ event: 'token_generated', sandbox_id: event.sandbox_id, owner, expiresAt }));
}

export async function handler(event) {
  const owners = [...new Set(event.allowed_repos.map((repo) => repo.split('/')[0]))];
  const app = await loadApp(owners);
  await Promise.all(owners.map((owner, index) => refreshOwner(event, app, owner, index === 0)));
  return { sandbox_id: event.sandbox_id };
}
