import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import { countThrottles, throttlingService } from '../../lambda/refresh/count-throttles.ts';
import { createMetrics } from '../../lib/broker/metrics.ts';
import { APP_PARAMETERS, event, ID } from '../broker/broker-scene.ts';
import { NOW } from '../github/frozen-world.ts';
import { type LambdaScene, lambdaScene, reported, sceneWithTokens } from './lambda-scene.ts';

const repos = event(['my-user/my-repo', 'my-org/x']);
const minutes = (count: number) => count * 60_000;

interface Line {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly [
      {
        readonly Namespace: string;
        readonly Dimensions: readonly (readonly string[])[];
        readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
      },
    ];
  };
}

/** Each line's metrics by its dimensions, `Prefix=km,Stage=load`: what CloudWatch makes of it. */
const told = (scene: LambdaScene) =>
  scene.metrics.map((line) => {
    const [{ Dimensions, Metrics }] = (line as unknown as Line)._aws.CloudWatchMetrics;
    const by = Dimensions.map((names) => names.map((name) => `${name}=${line[name]}`).join()).join(' ');
    return [by, Object.fromEntries(Metrics.map(({ Name }) => [Name, line[Name]]))] as const;
  });

/** The first tokens are made past the handler, so that what they gathered is put aside. */
const withSandbox = async () => {
  const scene = await sceneWithTokens(repos);
  scene.broker.metrics.take();
  return scene;
};

describe('the metrics of an invocation', () => {
  test('of a good refresh are one line, and the stages with the first one of a minute', async () => {
    const scene = await withSandbox();
    await scene.invoke(repos);
    const good = {
      Refreshes: 2,
      Failures: 0,
      Retries: 0,
      Throttles: 0,
      AppKeyRejected: 0,
      GitHubLimitLeft: 4990,
    };
    expect(told(scene)).toEqual([['Prefix=km', good]]);
    scene.metrics.length = 0;
    scene.world.advance(minutes(1));
    await scene.invoke(repos);
    expect(told(scene).map(([by]) => by)).toEqual([
      'Prefix=km',
      ...['load', 'mint', 'verify', 'write'].map((stage) => `Prefix=km,Stage=${stage}`),
    ]);
    expect(told(scene)[1]?.[1]).toEqual({ StageMilliseconds: [0, 0, 0, 0] });
  });

  test('are in embedded metric format, with sandbox and owners as fields and no dimensions', async () => {
    const scene = await withSandbox();
    await scene.invoke(repos);
    expect(scene.metrics[0]).toEqual({
      _aws: {
        Timestamp: NOW,
        CloudWatchMetrics: [
          {
            Namespace: 'km',
            Dimensions: [['Prefix']],
            Metrics: [
              'Refreshes',
              'Failures',
              'Retries',
              'Throttles',
              'AppKeyRejected',
              'GitHubLimitLeft',
            ].map((Name) => ({ Name, Unit: 'Count' })),
          },
        ],
      },
      Prefix: 'km',
      Refreshes: 2,
      Failures: 0,
      Retries: 0,
      Throttles: 0,
      AppKeyRejected: 0,
      GitHubLimitLeft: 4990,
      sandbox_ids: [ID],
      owners: expect.arrayContaining(['my-user', 'my-org']),
    });
  });

  test('of a failure tell its reason beside what went well', async () => {
    const scene = await withSandbox();
    scene.github.intercept = ({ name }) =>
      name === 'POST /app/installations/2/access_tokens'
        ? Response.json({ message: 'slow down' }, { status: 429, headers: { 'retry-after': '900' } })
        : undefined;
    await reported(scene.invoke(repos));
    expect(told(scene).slice(0, 3)).toEqual([
      ['Prefix=km', expect.objectContaining({ Refreshes: 1, Failures: 1, Throttles: 1 })],
      ['Prefix=km,Reason=ErrGitHubRateLimited', { Failures: 1 }],
      ['Prefix=km,Service=github', { Throttles: 1 }],
    ]);
  });

  test.each<[string, Readonly<Record<string, string>>, (scene: LambdaScene) => void]>([
    [
      'GitHub does not take',
      APP_PARAMETERS,
      (scene) => {
        scene.github.intercept = ({ name }) =>
          name.startsWith('GET /users/') ? Response.json({ message: 'Bad key' }, { status: 401 }) : undefined;
      },
    ],
    ['is none', { ...APP_PARAMETERS, '/km/config/github/private-key': 'x' }, () => undefined],
  ])('of a key that %s count that apart', async (_name, parameters, prepare) => {
    const scene = lambdaScene(parameters);
    prepare(scene);
    await reported(scene.invoke(event(['my-user/my-repo'])));
    expect(told(scene)[0]?.[1]).toMatchObject({ Refreshes: 0, Failures: 1, AppKeyRejected: 1 });
  });

  test('of a refused refresh are no failure', async () => {
    const scene = lambdaScene();
    await reported(scene.invoke(event(['my-user/my-repo'])));
    expect(JSON.stringify(told(scene))).not.toContain('Failures');
  });

  test('of the retry queue count its messages', async () => {
    const scene = await withSandbox();
    scene.world.advance(minutes(45));
    const record = { messageId: 'm', eventSource: 'aws:sqs', body: JSON.stringify(repos) };
    await scene.invoke({ Records: [record] });
    expect(told(scene)[0]?.[1]).toMatchObject({ Refreshes: 2, Retries: 1 });
  });

  test('of a survey tell how the fleet is', async () => {
    const scene = await withSandbox();
    scene.world.advance(minutes(51));
    await scene.invoke({ action: 'survey' });
    expect(told(scene)).toEqual([
      ['Prefix=km', { Sandboxes: 1, OldestTokenAge: 3060, PermanentFailures: 0 }],
    ]);
    expect((scene.metrics[0] as unknown as Line)._aws.CloudWatchMetrics[0].Metrics).toContainEqual({
      Name: 'OldestTokenAge',
      Unit: 'Seconds',
    });
  });

  test('of what an operator asks, and of nonsense, are none', async () => {
    const scene = lambdaScene({});
    await reported(scene.invoke({ anything: 1 }));
    await scene.invoke({ action: 'revoke', sandbox_id: ID });
    expect(scene.metrics).toEqual([]);
  });
});

test('stages keep no more values than a line may hold', async () => {
  const metrics = createMetrics({ prefix: 'km', now: () => NOW });
  const stage = () => metrics.timed('load', async () => undefined);
  await stage();
  expect(metrics.take()).toHaveLength(1);
  for (let count = 0; count < 99; count += 1) await stage();
  expect(metrics.take()).toEqual([]);
  await stage();
  expect(metrics.take()).toMatchObject([{ Stage: 'load', StageMilliseconds: Array(100).fill(0) }]);
});

describe('throttling', () => {
  test.each([
    ['ThrottlingException', 'Rate exceeded', 'ssm'],
    ['TooManyUpdates', '', 'ssm'],
    ['ThrottlingException', 'Rate exceeded (Service: Kms; Status Code: 400)', 'kms'],
    ['AccessDeniedException', 'kms', undefined],
    ['ParameterNotFound', '', undefined],
  ])('by %s: %s is of %s', (name, message, service) => {
    expect(throttlingService(Object.assign(new Error(message), { name }), 'ssm')).toBe(service);
  });

  test('is told of each attempt that a client then repeats by itself', async () => {
    let requests = 0;
    const server = createServer((request, response) => {
      request.resume();
      requests += 1;
      const throttled = requests <= 2;
      response.writeHead(throttled ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(throttled ? { __type: 'ThrottlingException' } : { Parameters: [] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const ssm = new SSMClient({
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'test' },
      maxAttempts: 4,
    });
    const told: string[] = [];
    countThrottles(ssm, 'ssm', (service) => told.push(service));
    try {
      await ssm.send(new GetParametersCommand({ Names: ['/a'] }));
      expect(told).toEqual(['ssm', 'ssm']);
    } finally {
      ssm.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
