import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateKeyCommand, DescribeKeyCommand } from '@aws-sdk/client-kms';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_SEED } from '../../../lib/local/github/seed.ts';
import { startLocalCloud } from '../../../lib/local/start.ts';
import { startTestCloud, type TestCloud } from './test-cloud.ts';

const made: string[] = [];
const directory = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'km-local-'));
  made.push(path);
  return path;
};
afterEach(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});

const put = new PutParameterCommand({ Name: '/kept', Value: 'value', Type: 'SecureString' });
const get = new GetParameterCommand({ Name: '/kept', WithDecryption: true });
const failure = async (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'no failure',
    (error: Error) => error.name,
  );

describe('a state directory', () => {
  test('keeps everything over a restart: keys, ports, parameters, sessions and the clock', async () => {
    const stateDir = directory();
    const first = await startTestCloud({ stateDir, seed: { ...DEFAULT_SEED, host: 'github.com' } });
    await first.clients().ssm.send(put);
    const session = await first.session(
      await first.makeRole('r', [{ Effect: 'Allow', Action: '*', Resource: '*' }]),
    );
    await first.admin('POST', 'clock/advance', { ms: 60_000 });
    const { url, admin, operator, adminToken, github } = first.cloud;
    const apiUrl = github.apiUrl;
    await first[Symbol.asyncDispose]();

    await using second = await startTestCloud({ stateDir });
    expect({ ...second.cloud, github: second.cloud.github.apiUrl }).toMatchObject({
      url,
      admin,
      operator,
      adminToken,
      github: apiUrl,
    });
    expect(second.cloud.clock.offsetMs).toBe(60_000);
    expect((await second.clients(session).ssm.send(get)).Parameter?.Value).toBe('value');
    expect(second.cloud.github.app?.privateKeyPem).toBeUndefined();
  });

  test('is readable by its owner alone', async () => {
    await using local = await startTestCloud();
    await local.clients().ssm.send(put);
    const files = () => readdirSync(local.stateDir, { recursive: true, encoding: 'utf8' });
    await expect.poll(files).toContain('state/ssm-parameters.json');
    const open = files().filter(
      (name) => !name.startsWith('github/') && statSync(join(local.stateDir, name)).mode & 0o077,
    );
    expect(open).toEqual([]);
    expect(statSync(join(local.stateDir, 'github')).mode & 0o077).toBe(0);
  });

  test("of another local cloud has other keys: each refuses the other's", async () => {
    await using one = await startTestCloud();
    await using other = await startTestCloud();
    expect(one.cloud.url).not.toBe(other.cloud.url);
    expect(await failure(one.clients(other.cloud.admin).ssm.send(get))).toBe('UnrecognizedClientException');
  });

  test('serves one local cloud at a time', async () => {
    await using local = await startTestCloud();
    await expect(startLocalCloud({ stateDir: local.stateDir })).rejects.toThrow(
      `A local cloud already runs in ${local.stateDir} (pid ${process.pid})`,
    );
  });

  test('whose port is taken moves to another', async () => {
    await using local = await startTestCloud();
    const port = Number(new URL(local.cloud.url).port);
    const second = await startLocalCloud({ stateDir: directory(), port });
    expect(second.url).not.toBe(local.cloud.url);
    await second.close();
  });

  test('keeps no secret in the log', async () => {
    await using local = await startTestCloud();
    await local.clients().ssm.send(put);
    const session = await local.session(await local.makeRole('r', []));
    await local
      .clients(session)
      .ssm.send(get)
      .catch(() => undefined);
    const { text } = await local.admin('GET', 'logs');
    expect(text).toContain('"operation":"PutParameter"');
    expect(text).toContain('"error":"AccessDeniedException"');
    const { admin, adminToken } = local.cloud;
    for (const secret of [
      'value"',
      session.secretAccessKey,
      session.sessionToken,
      admin.secretAccessKey,
      adminToken,
    ]) {
      expect(text).not.toContain(secret);
    }
  });
});

describe('the /_km/ routes', () => {
  let shared: TestCloud;
  beforeAll(async () => {
    shared = await startTestCloud();
  });
  afterAll(() => shared[Symbol.asyncDispose]());

  test.each([
    ['GET', 'status'],
    ['GET', 'logs'],
    ['GET', 'faults'],
    ['POST', 'faults'],
    ['POST', 'clock/advance'],
    ['POST', 'reset'],
    ['POST', 'stop'],
    ['PUT', 'assets/b/k'],
    ['GET', 'none'],
  ])('%s %s needs the admin token', async (method, path) => {
    await using local = await startTestCloud();
    for (const authorization of [
      '',
      'Bearer ',
      `Bearer ${local.cloud.adminToken}x`,
      local.cloud.adminToken,
    ]) {
      const response = await fetch(`${local.cloud.url}/_km/${path}`, { method, headers: { authorization } });
      expect(response.status).toBe(403);
    }
  });

  test('GET clock is open, and every answer carries the moved time', async () => {
    await using local = await startTestCloud();
    await local.admin('POST', 'clock/advance', { ms: 3_600_000 });
    const response = await fetch(`${local.cloud.url}/_km/clock`);
    const { now, offset_ms } = (await response.json()) as { now: string; offset_ms: number };
    expect(offset_ms).toBe(3_600_000);
    expect(Date.parse(now)).toBeGreaterThan(Date.now() + 3_500_000);
    expect(Date.parse(response.headers.get('date') ?? '')).toBeGreaterThan(Date.now() + 3_500_000);
  });

  test.each([[{ ms: -1 }], [{ ms: 1.5 }], [{ ms: '1' }], [{}]])(
    'POST clock/advance refuses %j',
    async (body) => {
      await using local = await startTestCloud();
      expect((await local.admin('POST', 'clock/advance', body)).status).toBe(400);
      expect(local.cloud.clock.offsetMs).toBe(0);
    },
  );

  test('GET status tells addresses and time', async () => {
    expect(JSON.parse((await shared.admin('GET', 'status')).text)).toMatchObject({
      url: shared.cloud.url,
      github_url: shared.cloud.github.url,
      account_id: '000000000000',
      region: 'us-east-1',
      offset_ms: 0,
    });
  });

  test('GET logs since a time leaves out what came before', async () => {
    await using local = await startTestCloud();
    const since = new Date(Date.now() + 1).toISOString();
    await new Promise((resolve) => setTimeout(resolve, 3));
    await local.clients().ssm.send(put);
    const lines = (await local.admin('GET', `logs?since=${since}`)).text.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).operation)).toEqual(['PutParameter']);
  });

  test('POST reset leaves keys and addresses and takes everything else', async () => {
    await using local = await startTestCloud({ seed: { ...DEFAULT_SEED, host: 'ghe.com' } });
    await local.clients().ssm.send(put);
    await local.admin('POST', 'faults', { aws: [{ error: 'internal', count: 100 }] });
    await local.admin('POST', 'clock/advance', { ms: 1000 });
    const addresses = () => {
      const { url, github } = local.cloud;
      return [url, github.url, github.apiUrl];
    };
    const before = addresses();
    expect((await local.admin('POST', 'reset')).status).toBe(200);
    expect(await failure(local.clients().ssm.send(get))).toBe('ParameterNotFound');
    expect(addresses()).toEqual(before);
    expect(local.cloud.clock.offsetMs).toBe(0);
    expect(local.cloud.github.app?.privateKeyPem).toBeDefined();
  });

  test('POST stop stops it', async () => {
    await using local = await startTestCloud();
    expect((await local.admin('POST', 'stop')).status).toBe(202);
    await local.cloud.stopped;
    const { hostname, port } = new URL(local.cloud.url);
    const refused = await new Promise((resolve) => {
      connect(Number(port), hostname, () => resolve('connected')).on(
        'error',
        (error: NodeJS.ErrnoException) => resolve(error.code),
      );
    });
    expect(refused).toBe('ECONNREFUSED');
  });

  test('PUT assets takes a folder or a zip, and nothing else', async () => {
    await using local = await startTestCloud();
    const keep = async (name: string, body: unknown) =>
      (await local.admin('PUT', `assets/${name}`, body)).status;
    expect(await keep('bucket/a.zip', { directory: local.stateDir })).toBe(200);
    expect(await keep('bucket/b.zip', Buffer.from('PK\u0003\u0004'))).toBe(200);
    expect(await keep('bucket/c.zip', { directory: 'relative' })).toBe(400);
    expect(await keep('bucket/c.zip', { directory: join(local.stateDir, 'none') })).toBe(400);
    expect(await keep('bucket/c.zip', Buffer.from('text'))).toBe(400);
    const table = () => readFileSync(join(local.stateDir, 'state', 'assets.json'), 'utf8');
    await expect.poll(table).toContain('bucket/b.zip');
    expect(Object.keys(JSON.parse(table()))).toEqual(['bucket/a.zip', 'bucket/b.zip']);
  });
});

describe('faults on demand', () => {
  let local: TestCloud;
  beforeAll(async () => {
    local = await startTestCloud();
  });
  afterAll(() => local[Symbol.asyncDispose]());
  afterEach(async () => void (await local.admin('POST', 'faults', {})));

  test('meet the calls they name, as often as they say, also between services', async () => {
    const { ssm, kms } = local.clients();
    await ssm.send(put);
    const set = (body: object) => local.admin('POST', 'faults', body);
    await set({ aws: [{ service: 'ssm', operation: 'GetParameter', error: 'throttle', skip: 1, count: 1 }] });
    expect(await failure(ssm.send(get))).toBe('no failure');
    expect(await failure(ssm.send(get))).toBe('ThrottlingException');
    expect(await failure(ssm.send(get))).toBe('no failure');
    await set({ aws: [{ service: 'kms', operation: 'Decrypt', error: 'internal' }] });
    await expect(ssm.send(get)).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
    await set({ aws: [{ error: { code: 'LimitExceededException', status: 400 } }] });
    expect(await failure(kms.send(new CreateKeyCommand({})))).toBe('LimitExceededException');
    await set({ github: { rateLimit: 10 } });
    expect(JSON.parse((await local.admin('GET', 'faults')).text)).toMatchObject({
      github: { rateLimit: 10 },
      aws: [{}],
    });
    await set({});
    expect(JSON.parse((await local.admin('GET', 'faults')).text)).toEqual({ github: {}, aws: [] });
    expect(await failure(kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/ssm' })))).toBe('no failure');
  });

  test('lose an answer after the work was done', async () => {
    const { ssm } = local.clients();
    const lost = new PutParameterCommand({ Name: '/lost', Value: 'v', Type: 'String' });
    await local.admin('POST', 'faults', { aws: [{ operation: 'PutParameter', lost: true, count: 1 }] });
    await expect(ssm.send(lost)).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
    expect(await failure(ssm.send(lost))).toBe('ParameterAlreadyExists');
    const throttled = { operation: 'GetParameter', lost: true, error: 'throttle' };
    await local.admin('POST', 'faults', { aws: [throttled] });
    expect(await failure(ssm.send(get))).toBe('ThrottlingException');
  });

  test('come late when they say so: others overtake them', async () => {
    await local.admin('POST', 'faults', { aws: [{ operation: 'DescribeParameters', latencyMs: 300 }] });
    const order: string[] = [];
    const call = (operation: string) =>
      local.raw(`AmazonSSM.${operation}`, { Name: '/none' }).then(() => order.push(operation));
    await Promise.all([call('DescribeParameters'), call('GetParameter')]);
    expect(order).toEqual(['GetParameter', 'DescribeParameters']);
  });

  test.each([
    [{ nonsense: 1 }],
    [{ aws: {} }],
    [{ aws: [{ colour: 1 }] }],
    [{ aws: [{ count: -1 }] }],
    [{ aws: [{ lost: 1 }] }],
    [{ aws: [{ error: 'sometimes' }] }],
    [{ github: { colour: 1 } }],
  ])('%j is refused and changes nothing', async (body) => {
    expect((await local.admin('POST', 'faults', body)).status).toBe(400);
    expect(JSON.parse((await local.admin('GET', 'faults')).text)).toEqual({ github: {}, aws: [] });
  });
});

test('a seed that is not valid starts nothing', async () => {
  const stateDir = directory();
  await expect(startLocalCloud({ stateDir, seed: { accounts: 1 } })).rejects.toMatchObject({
    name: 'InvalidInputError',
  });
  expect(readdirSync(stateDir)).toEqual([]);
});
