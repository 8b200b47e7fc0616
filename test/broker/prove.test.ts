import { describe, expect, test } from 'vitest';
import type { ProveAnswer, ProveEvent } from '../../lib/broker/inspection.ts';
import { probeRepo } from '../../lib/broker/probe-repo.ts';
import { proveApp } from '../../lib/broker/prove-app.ts';
import { APP_PARAMETERS, names } from './broker-scene.ts';
import { acceptOnly, type InspectionScene, inspectionScene, newKey } from './inspection-scene.ts';

const prove = (scene: InspectionScene, more: Partial<ProveEvent> = {}): Promise<ProveAnswer> =>
  proveApp(scene.broker, { action: 'prove', ...more }, { deadline: scene.deadline() });

const probe = (scene: InspectionScene, repo = 'my-user/my-repo') =>
  probeRepo(scene.broker, { action: 'probe', repo }, { deadline: scene.deadline() });

const steps = ({ steps: all }: ProveAnswer) => all.map(({ name, ok }) => `${name} ${ok ? 'ok' : 'not'}`);

const LIMIT = { limit: 5000, remaining: 4990, reset: '2026-11-20T10:30:00.000Z' };

describe('prove', () => {
  test('mints for an account, uses it, revokes it, and sees that it is dead', async () => {
    const scene = inspectionScene();
    const answer = await prove(scene, { owner: 'MY-ORG' });
    expect(answer).toEqual({
      ok: true,
      owner: 'My-Org',
      installation_id: 2,
      steps: [
        { name: 'installation', ok: true, detail: 'My-Org (2)' },
        { name: 'mint', ok: true, detail: 'metadata: read for all repositories' },
        { name: 'use', ok: true, detail: 'GET /rate_limit' },
        { name: 'revoke', ok: true, detail: 'DELETE /installation/token' },
        { name: 'dead', ok: true, detail: 'GitHub answers 401' },
      ],
      rate_limit: { account: 'My-Org', ...LIMIT },
    });
    expect(scene.github.mints).toEqual([{ installation: 2, permissions: { metadata: 'read' } }]);
    expect([...scene.github.alive]).toEqual([]);
    expect(scene.log.map(({ event }) => event)).toEqual(['token_generated', 'token_revoked']);
    expect(JSON.stringify([answer, scene.log])).not.toContain(scene.github.minted[0]);
  });

  test.each<
    [string, Record<string, string>, Record<string, { id: number; repos: []; suspended?: boolean }>, string]
  >([
    [
      'the first that is stored',
      { [names.installation('b')]: '2' },
      { a: { id: 1, repos: [] }, b: { id: 2, repos: [] } },
      'b',
    ],
    ['the first of all where none is stored', {}, { a: { id: 1, repos: [] }, b: { id: 2, repos: [] } }, 'a'],
    [
      'none that is suspended',
      { [names.installation('a')]: '1' },
      { a: { id: 1, repos: [], suspended: true }, b: { id: 2, repos: [] } },
      'b',
    ],
  ])('without an owner takes %s', async (_, parameters, accounts, owner) => {
    const scene = inspectionScene({ ...APP_PARAMETERS, ...parameters }, accounts);
    expect(await prove(scene)).toMatchObject({ ok: true, owner });
  });

  test.each<
    [string, Record<string, { id: number; repos: []; suspended?: boolean }>, string | undefined, string]
  >([
    ['nobody has installed the App', {}, undefined, 'ErrGitHubInstallationMissing'],
    [
      'all are suspended',
      { a: { id: 1, repos: [], suspended: true } },
      undefined,
      'ErrGitHubInstallationSuspended',
    ],
    ['the account has not installed it', { a: { id: 1, repos: [] } }, 'b', 'ErrGitHubInstallationMissing'],
  ])('stops where %s', async (_, accounts, owner, code) => {
    const scene = inspectionScene(APP_PARAMETERS, accounts);
    const answer = await prove(scene, owner === undefined ? {} : { owner });
    expect(steps(answer)).toEqual(['installation not']);
    expect(answer).toMatchObject({ ok: false, problem: { code } });
    expect(answer).not.toHaveProperty('installation_id');
    expect(scene.github.minted).toEqual([]);
  });

  test('stops at the mint for a suspended account, which it names', async () => {
    const scene = inspectionScene(APP_PARAMETERS, { a: { id: 1, repos: [], suspended: true } });
    const answer = await prove(scene, { owner: 'a' });
    expect(steps(answer)).toEqual(['installation ok', 'mint not']);
    expect(answer).toMatchObject({
      owner: 'a',
      installation_id: 1,
      problem: { code: 'ErrGitHubInstallationSuspended' },
    });
  });

  test.each<[string, Record<string, string>, string]>([
    ['is not configured', {}, 'ErrGitHubNotConfigured'],
    [
      'has a key that cannot sign',
      { ...APP_PARAMETERS, [names.privateKey]: newKey('ec') },
      'ErrGitHubBadKey',
    ],
  ])('answers where the App %s', async (_, parameters, code) => {
    const answer = await prove(inspectionScene(parameters));
    expect(answer).toMatchObject({ ok: false, problem: { code } });
    expect(steps(answer)).toEqual(['installation not']);
  });

  test('proves the key that is stored now, whatever the process still knows', async () => {
    const scene = inspectionScene();
    await prove(scene);
    scene.store.put(names.privateKey, newKey('rsa'));
    acceptOnly(scene, APP_PARAMETERS[names.privateKey] ?? '');
    await scene.broker.source.load([]);
    expect(await prove(scene)).toMatchObject({ ok: false, problem: { code: 'ErrGitHubKeyOfAnotherApp' } });
  });

  test('proves the candidate of a rotation beside the key in use', async () => {
    const candidate = newKey('rsa');
    const scene = inspectionScene({ ...APP_PARAMETERS, [names.privateKeyCandidate]: candidate });
    acceptOnly(scene, candidate);
    expect(await prove(scene, { candidate: true })).toMatchObject({ ok: true });
    expect(await prove(scene)).toMatchObject({ ok: false });
  });

  test('revokes a token that GitHub does not accept', async () => {
    const scene = inspectionScene();
    scene.github.intercept = ({ name }) =>
      name === 'GET /rate_limit' ? Response.json({ message: 'Bad credentials' }, { status: 401 }) : undefined;
    const answer = await prove(scene);
    expect(steps(answer)).toEqual(['installation ok', 'mint ok', 'use not', 'revoke ok', 'dead ok']);
    expect(answer).toMatchObject({ ok: false, problem: { code: 'ErrGitHubTokenNotAccepted' } });
    expect([...scene.github.alive]).toEqual([]);
  });

  test.each<[string, () => Response, string]>([
    ['refused', () => Response.json({ message: 'Nope' }, { status: 418 }), 'ErrGitHubUnexpectedAnswer'],
    [
      'called dead before',
      () => Response.json({ message: 'Bad' }, { status: 401 }),
      'ErrGitHubUnexpectedAnswer',
    ],
  ])('tells of a revocation that is %s', async (_, response, code) => {
    const scene = inspectionScene();
    scene.github.intercept = ({ name }) => (name === 'DELETE /installation/token' ? response() : undefined);
    const answer = await prove(scene);
    expect(steps(answer)).toEqual(['installation ok', 'mint ok', 'use ok', 'revoke not']);
    expect(answer).toMatchObject({ ok: false, problem: { code } });
  });

  test('tells of a token that lives on', async () => {
    const scene = inspectionScene();
    scene.github.intercept = ({ name }) =>
      name === 'DELETE /installation/token' ? new Response(null, { status: 204 }) : undefined;
    const answer = await prove(scene);
    expect(steps(answer).at(-1)).toBe('dead not');
    expect(answer).toMatchObject({
      ok: false,
      problem: {
        code: 'ErrRevokeFailed',
        message: "GitHub still accepts the revoked token of 'my-user'",
      },
    });
  });

  test('waits for a revocation that has not reached all of GitHub yet', async () => {
    const scene = inspectionScene();
    let revoked = 0;
    scene.github.intercept = ({ name }) => {
      if (name === 'DELETE /installation/token') revoked += 1;
      else if (revoked > 0 && revoked < 3 && name.startsWith('GET /installation/repositories')) {
        revoked += 1;
        return Response.json({ total_count: 1 });
      }
      return undefined;
    };
    expect(await prove(scene)).toMatchObject({ ok: true });
  });
});

describe('probe', () => {
  test('reads one repo, is refused a write, and leaves nothing', async () => {
    const scene = inspectionScene();
    const answer = await probe(scene, 'My-Org/x');
    expect(answer).toMatchObject({ ok: true, repo: 'My-Org/x', owner: 'My-Org', installation_id: 2 });
    expect(answer.steps).toEqual([
      { name: 'installation', ok: true, detail: 'My-Org (2)' },
      { name: 'mint', ok: true, detail: 'contents: read, metadata: read for x' },
      { name: 'read', ok: true, detail: 'GET /repos/my-org/x/branches' },
      {
        name: 'write-refused',
        ok: true,
        detail: 'POST /repos/my-org/x/git/refs: 403 Resource not accessible by integration',
      },
      { name: 'revoke', ok: true, detail: 'DELETE /installation/token' },
      { name: 'dead', ok: true, detail: 'GitHub answers 401' },
    ]);
    expect(answer.rate_limit).toEqual({ account: 'My-Org', ...LIMIT });
    expect(scene.github.mints).toEqual([
      { installation: 2, repositories: ['x'], permissions: { contents: 'read', metadata: 'read' } },
    ]);
    expect([...scene.github.alive]).toEqual([]);
  });

  test('stops at the mint where the installation does not reach the repo', async () => {
    const answer = await probe(inspectionScene(), 'my-user/other');
    expect(steps(answer)).toEqual(['installation ok', 'mint not']);
    expect(answer.problem?.code).toBe('ErrGitHubRepoNotInInstallation');
  });

  test('stops at the read where GitHub does not let it, and revokes', async () => {
    const scene = inspectionScene();
    scene.github.intercept = ({ name }) =>
      name.includes('/branches') ? Response.json({ message: 'Not Found' }, { status: 404 }) : undefined;
    const answer = await probe(scene);
    expect(steps(answer)).toEqual(['installation ok', 'mint ok', 'read not', 'revoke ok', 'dead ok']);
    expect([...scene.github.alive]).toEqual([]);
  });

  test.each([201, 422])('fails where GitHub answers the write with %i, and revokes', async (status) => {
    const scene = inspectionScene();
    scene.github.intercept = ({ name }) =>
      name.startsWith('POST /repos/')
        ? Response.json({ message: 'Object does not exist' }, { status })
        : undefined;
    const answer = await probe(scene);
    expect(steps(answer).slice(2)).toEqual(['read ok', 'write-refused not', 'revoke ok', 'dead ok']);
    expect(answer).toMatchObject({ ok: false, problem: { code: 'ErrGitHubWriteNotRefused' } });
    expect([...scene.github.alive]).toEqual([]);
  });
});
