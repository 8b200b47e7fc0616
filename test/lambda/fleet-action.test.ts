import { describe, expect, test } from 'vitest';
import { refresh } from '../../lib/broker/refresh.ts';
import { event, ID, names } from '../broker/broker-scene.ts';
import { lambdaScene, reported, sceneWithTokens } from './lambda-scene.ts';

const repos = event(['my-user/my-repo', 'my-org/x']);
const OTHER = 'sb-0000beef';
const kill = (sandbox_id: unknown = ID) => ({ action: 'revoke', sandbox_id });
const minutes = (count: number) => count * 60_000;

describe('revoke', () => {
  test('kills every live token of one sandbox, and stops its refreshes', async () => {
    const scene = await sceneWithTokens(repos);
    await refresh(scene.broker, { ...repos, sandbox_id: OTHER }, { deadline: scene.deadline() });
    scene.world.advance(minutes(45));
    await scene.invoke(repos);
    const answer = (await scene.invoke(kill())) as { readonly parameters: readonly string[] };
    expect({ ...answer, parameters: [...answer.parameters].sort() }).toEqual({
      sandbox_id: ID,
      revoked: 4,
      parameters: [names.tokenParameter(ID), names.ownerTokenParameter(ID, 'my-org')].sort(),
      problems: [],
    });
    expect(scene.github.alive.size).toBe(2);
    expect(scene.store.versions.has(names.tokenParameter(OTHER))).toBe(true);
    expect((await reported(scene.invoke(repos))).errorType).toBe('ErrSandboxNotFound');
    expect(scene.github.alive.size).toBe(2);
    expect(scene.lines.filter((line) => line.reason === 'killed')).toHaveLength(4);
  });

  test('is safe to repeat, and answers for a sandbox that has nothing', async () => {
    expect(await lambdaScene({}).invoke(kill())).toEqual({
      sandbox_id: ID,
      revoked: 0,
      parameters: [],
      problems: [],
    });
  });

  test('says which parameter holds what could not be revoked, goes on with the others, and stops its refreshes too', async () => {
    const scene = await sceneWithTokens(repos);
    const stuck = scene.store.versions.get(names.tokenParameter(ID))?.at(-1)?.value ?? '';
    scene.github.intercept = ({ name, authorization }) =>
      name.startsWith('DELETE') && authorization.endsWith(stuck)
        ? Response.json({ message: 'No' }, { status: 422 })
        : undefined;
    expect(await scene.invoke(kill())).toEqual({
      sandbox_id: ID,
      revoked: 1,
      parameters: [names.ownerTokenParameter(ID, 'my-org')],
      problems: [
        {
          code: 'ErrGitHubUnexpectedAnswer',
          message: `${names.tokenParameter(ID)}: GitHub answered what km cannot use: No for DELETE /installation/token`,
          remedy: 'Check the host in km configure github, and any proxy in front of it.',
        },
      ],
    });
    expect([...scene.github.alive]).toEqual([stuck]);
    scene.github.intercept = () => undefined;
    expect((await reported(scene.invoke(event(['my-user/my-repo'])))).errorType).toBe('ErrSandboxNotFound');
    expect([...scene.github.alive]).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ['no sandbox', { action: 'revoke' }, 'sandbox_id is missing'],
    ['all sandboxes', kill('*'), 'sandbox_id must be a sandbox id'],
    ['a path', kill('../km/config'), 'sandbox_id must be a sandbox id'],
    ['more than it takes', { ...kill(), owner: 'my-org' }, 'unknown "owner"'],
    ['a refresh too', { ...repos, ...kill() }, 'unknown "allowed_repos", "permissions"'],
  ])('of %s is refused, and nothing is done', async (_name, given, reason) => {
    const scene = lambdaScene();
    const { errorType, errorMessage } = await reported(scene.invoke(given));
    expect(errorType).toBe('ErrRefreshEventInvalid');
    expect(errorMessage).toContain(reason);
    expect(scene.store.calls).toEqual([]);
  });
});

describe('survey', () => {
  test('counts sandboxes and tokens, and those that fail for good, and names the oldest of the others', async () => {
    const scene = await sceneWithTokens(repos);
    scene.world.advance(minutes(50));
    await refresh(scene.broker, event(['my-user/my-repo'], { sandbox_id: OTHER }), {
      deadline: scene.deadline(),
    });
    scene.world.advance(minutes(1));
    scene.github.intercept = ({ name }) =>
      name === 'POST /app/installations/2/access_tokens'
        ? Response.json({ message: 'This installation has been suspended' }, { status: 403 })
        : undefined;
    await reported(scene.invoke(repos));
    scene.world.advance(minutes(1));
    expect(await scene.invoke({ action: 'survey' })).toEqual({
      sandboxes: 2,
      tokens: 3,
      permanent_failures: 1,
      oldest_token_age_seconds: 2 * 60,
      oldest_sandbox: OTHER,
    });
  });

  test('of nothing counts nothing, and leaves out what is no token of a sandbox', async () => {
    const scene = lambdaScene();
    scene.store.put('/sandbox/notes/github-token', 'x');
    scene.store.put(`/sandbox/${ID}/notes`, 'x');
    scene.store.put(`/sandbox/${OTHER}/github-token`, 'destroyed', { description: '{"destroyed":true}' });
    expect(await scene.invoke({ action: 'survey' })).toEqual({
      sandboxes: 0,
      tokens: 0,
      permanent_failures: 0,
      oldest_token_age_seconds: null,
      oldest_sandbox: null,
    });
  });

  test('with a field that it does not take is refused', async () => {
    const { errorMessage } = await reported(lambdaScene().invoke({ action: 'survey', sandbox: ID }));
    expect(errorMessage).toContain('unknown "sandbox"');
  });
});
