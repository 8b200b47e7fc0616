import { describe, expect, test } from 'vitest';
import { checkScope } from '../../lib/broker/check-scope.ts';
import { APP_PARAMETERS, type BrokerScene, brokerScene, names } from './broker-scene.ts';

const check = (scene: BrokerScene, allowed_repos: readonly string[]) =>
  checkScope(
    scene.broker,
    { action: 'check', allowed_repos, permissions: { contents: 'read', metadata: 'read' } },
    { deadline: scene.deadline() },
  );

describe('a check', () => {
  test('mints exactly the scope, revokes it, and writes nothing', async () => {
    const scene = brokerScene();
    expect(await check(scene, ['my-user/my-repo', 'my-org/*'])).toEqual({
      owners: [
        {
          owner: 'my-user',
          installation_id: 1,
          repositories: ['my-repo'],
          permissions: { contents: 'read', metadata: 'read' },
        },
        {
          owner: 'my-org',
          installation_id: 2,
          repositories: 'all',
          permissions: { contents: 'read', metadata: 'read' },
        },
      ],
      problems: [],
    });
    expect(scene.github.minted).toHaveLength(2);
    expect([...scene.github.alive]).toEqual([]);
    expect(scene.store.calls.filter(({ operation }) => operation !== 'read')).toEqual([]);
    expect(scene.log.map(({ event, sandbox_id }) => [event, sandbox_id]).sort()).toEqual([
      ['token_generated', null],
      ['token_generated', null],
      ['token_revoked', null],
      ['token_revoked', null],
    ]);
  });

  test("answers with every owner's problem and the owners that are fine", async () => {
    const { owners, problems } = await check(brokerScene(), ['my-user/my-repo', 'nobody/x', 'my-org/secret']);
    expect(owners.map(({ owner }) => owner)).toEqual(['my-user']);
    expect(problems).toHaveLength(2);
    expect(problems).toEqual(
      expect.arrayContaining([
        {
          owner: 'nobody',
          code: 'ErrGitHubInstallationMissing',
          message: "The GitHub App is not installed on 'nobody'",
          remedy:
            'Install the App on nobody and give it the repositories of the profile, or correct the owner in allowedRepos.',
        },
        expect.objectContaining({ owner: 'my-org', code: 'ErrGitHubRepoNotInInstallation' }),
      ]),
    );
  });

  test('tells a problem of the App once', async () => {
    expect(await check(brokerScene({}), ['my-user/my-repo', 'my-org/x'])).toEqual({
      owners: [],
      problems: [
        {
          code: 'ErrGitHubNotConfigured',
          message: 'GitHub App not configured',
          remedy: `Run km configure github to store the App's client id and private key (missing: ${names.appClientId}, ${names.privateKey}).`,
        },
      ],
    });
  });

  test('lists the candidates for *', async () => {
    const { problems } = await check(brokerScene(APP_PARAMETERS), ['*']);
    expect(problems).toEqual([expect.objectContaining({ code: 'ErrGitHubInstallationAmbiguous' })]);
    expect(problems[0]?.message).toContain('my-user, My-Org, mallory');
  });
});
