import { describe, expect, test } from 'vitest';
import { refresh } from '../../lib/broker/refresh.ts';
import { refusal } from '../github/refusal.ts';
import { type BrokerScene, brokerScene, event } from './broker-scene.ts';

const run = (scene: BrokerScene, repo: string, sandbox_id = 'sb-1234abcd') =>
  refresh(scene.broker, event([repo], { sandbox_id }), { deadline: scene.deadline() });

/** My-Org is out of requests; GitHub asks for this many seconds. */
const limitedScene = (seconds: number): BrokerScene => {
  const scene = brokerScene();
  scene.github.intercept = ({ name }) =>
    name === 'POST /app/installations/2/access_tokens'
      ? Response.json({ message: 'slow down' }, { status: 429, headers: { 'retry-after': String(seconds) } })
      : undefined;
  return scene;
};

describe('an account whose rate limit holds', () => {
  test('is not asked for anything meanwhile, for none of its sandboxes', async () => {
    const scene = limitedScene(300);
    expect((await refusal(run(scene, 'my-org/x'))).waitMs).toBe(300_000);
    const requests = scene.github.requests.length;
    scene.world.advance(100_000);
    const error = await refusal(run(scene, 'my-org/x', 'sb-0000beef'));
    expect([error.code, error.waitMs]).toEqual(['ErrGitHubRateLimited', 200_000]);
    expect(scene.github.requests).toHaveLength(requests);
  });

  test('is asked again when the time is over', async () => {
    const scene = limitedScene(300);
    await refusal(run(scene, 'my-org/x'));
    scene.github.intercept = () => undefined;
    scene.world.advance(300_000);
    expect(await run(scene, 'my-org/x')).toHaveLength(1);
  });

  test('holds up no other account', async () => {
    const scene = limitedScene(300);
    await refusal(run(scene, 'my-org/x'));
    expect(await run(scene, 'my-user/my-repo')).toHaveLength(1);
    const slept = scene.world.slept.length;
    const error = await refusal(
      refresh(scene.broker, event(['my-user/my-repo', 'my-org/x']), { deadline: scene.deadline() }),
    );
    expect(error.message).toContain('my-org: ');
    expect(error.message).not.toContain('my-user: ');
    expect(scene.world.slept).toHaveLength(slept);
  });

  test('is held for ten minutes at most, whatever GitHub says', async () => {
    const scene = limitedScene(86_400);
    await refusal(run(scene, 'my-org/x'));
    const requests = scene.github.requests.length;
    scene.world.advance(10 * 60_000);
    await refusal(run(scene, 'my-org/x'));
    expect(scene.github.requests.length).toBeGreaterThan(requests);
  });
});

test('an outage holds nobody: the next sandbox asks GitHub again', async () => {
  const scene = brokerScene();
  scene.github.intercept = () =>
    Response.json({ message: 'Unavailable' }, { status: 503, headers: { 'retry-after': '120' } });
  expect((await refusal(run(scene, 'my-org/x'))).waitMs).toBe(120_000);
  scene.github.intercept = () => undefined;
  expect(await run(scene, 'my-org/x')).toHaveLength(1);
});
