import { generateKeyPairSync } from 'node:crypto';
import { createGitHubApp, type GitHubApp } from '../../lib/github/app.ts';
import { pemSigner } from '../../lib/github/app-signer.ts';
import { Secret } from '../../lib/secret.ts';
import { API, type FrozenWorld, frozenWorld } from './frozen-world.ts';
import { type Exchange, type ScriptedFetch, scriptedFetch } from './scripted-fetch.ts';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });

export const CLIENT_ID = 'Iv23liTestApp0000000';
export const publicKey = pair.publicKey;
export const PKCS1 = pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
export const PKCS8 = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

export const TOKEN = `ghs_${'A1b2'.repeat(9)}`;

export interface Scene extends ScriptedFetch {
  readonly app: GitHubApp;
  readonly world: FrozenWorld;
}

/** An App in a frozen world whose GitHub follows a script. */
export const scene = (script: readonly Exchange[]): Scene => {
  const scripted = scriptedFetch(API, script);
  const world = frozenWorld(scripted.fetch);
  return {
    ...scripted,
    world,
    app: createGitHubApp({ clientId: CLIENT_ID, signer: pemSigner(new Secret(PKCS1)), transport: world }),
  };
};

/** An installation as GitHub answers it. */
export const installationBody = (
  id: number,
  login: string,
  more: Readonly<Record<string, unknown>> = {},
) => ({
  id,
  account: { login, id: id + 1000, type: 'Organization' },
  repository_selection: 'selected',
  html_url: `https://github.com/organizations/${login}/settings/installations/${id}`,
  permissions: { contents: 'write', metadata: 'read' },
  suspended_at: null,
  ...more,
});

/** A minted token as GitHub answers it. */
export const tokenBody = (
  owner: string,
  repositories: readonly string[] | 'all',
  more: Readonly<Record<string, unknown>> = {},
) => ({
  token: TOKEN,
  expires_at: '2026-11-20T11:00:00Z',
  permissions: { contents: 'read', metadata: 'read' },
  repository_selection: repositories === 'all' ? 'all' : 'selected',
  ...(repositories === 'all'
    ? {}
    : {
        repositories: repositories.map((name) => ({
          name,
          full_name: `${owner}/${name}`,
          owner: { login: owner },
        })),
      }),
  ...more,
});

/** The App as GitHub answers it. */
export const appBody = (more: Readonly<Record<string, unknown>> = {}) => ({
  id: 42,
  slug: 'km-sandboxes',
  client_id: CLIENT_ID,
  owner: { login: 'my-org', id: 1002, type: 'Organization' },
  name: 'km sandboxes',
  html_url: 'https://github.com/apps/km-sandboxes',
  permissions: { contents: 'write', metadata: 'read' },
  events: [],
  ...more,
});
