import { expect, test } from 'vitest';
import { proxiedEnvironment } from '../../lib/sandbox/proxied-environment.ts';
import { proxyEndpoints } from '../../lib/sandbox/proxy-endpoints.ts';

const options = {
  id: 'sb-1234abcd',
  caller: {
    PATH: '/usr/bin',
    TERM: 'xterm',
    AWS_ACCESS_KEY_ID: 'AKIAOPERATOR',
    AWS_PROFILE: 'operator',
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/credentials',
    GH_TOKEN: 'ghp_operator',
    GITHUB_TOKEN: 'ghp_operator',
    SSH_AUTH_SOCK: '/tmp/agent',
    https_proxy: 'http://corporate.example:8080',
    no_proxy: 'github.com',
    NODE_EXTRA_CA_CERTS: '/etc/corporate.pem',
  },
  home: '/state/home',
  url: 'http://127.0.0.1:3128',
  ca: '/state/proxy/ca.pem',
  bundle: '/state/proxy/bundle.pem',
  github: { git: 'https://github.com', api: 'https://api.github.com' },
  gitConfig: [
    ['credential.https://github.com.helper', '!/kit/helper'],
    ['core.hooksPath', '/kit/hooks'],
    ['url.https://github.com/.insteadOf', 'git@github.com:'],
  ],
} as const;

test('a command behind the proxy gets no credential, and nothing that leads to one', () => {
  const env = proxiedEnvironment(options);
  expect(Object.keys(env).filter((name) => /^AWS_/.test(name))).toEqual(['AWS_EC2_METADATA_DISABLED']);
  expect(JSON.stringify(env)).not.toMatch(/operator|\/kit|\/tmp\/agent|corporate/i);
  expect(env.GH_TOKEN).toBe('km-proxy-puts-the-token-on');
});

test('every spelling of the proxy variables names this proxy, for every host', () => {
  const env = proxiedEnvironment(options);
  for (const name of ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'])
    expect(env[name]).toBe('http://127.0.0.1:3128');
  expect([env.no_proxy, env.NO_PROXY]).toEqual(['', '']);
});

test('git, curl, Go, Python and Node trust the CA of this proxy', () => {
  const env = proxiedEnvironment(options);
  for (const name of ['GIT_SSL_CAINFO', 'CURL_CA_BUNDLE', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE'])
    expect(env[name]).toBe('/state/proxy/bundle.pem');
  expect([env.NODE_EXTRA_CA_CERTS, env.NODE_USE_ENV_PROXY]).toEqual(['/state/proxy/ca.pem', '1']);
});

test("git's settings are no helper, other spellings of a remote, and this proxy before any other", () => {
  const env = proxiedEnvironment(options);
  const settings = Array.from({ length: Number(env.GIT_CONFIG_COUNT) }, (_, index) => [
    env[`GIT_CONFIG_KEY_${index}`],
    env[`GIT_CONFIG_VALUE_${index}`],
  ]);
  expect(settings).toEqual([
    ['credential.helper', ''],
    ['url.https://github.com/.insteadOf', 'git@github.com:'],
    ['http.proxy', 'http://127.0.0.1:3128'],
  ]);
});

test('gh is told the host of a GitHub Enterprise Server, with a placeholder of its own', () => {
  const github = { git: 'https://ghe.example.com', api: 'https://ghe.example.com/api/v3' };
  const env = proxiedEnvironment({ ...options, github });
  expect(env).toMatchObject({
    GH_HOST: 'ghe.example.com',
    GH_ENTERPRISE_TOKEN: 'km-proxy-puts-the-token-on',
  });
  expect(env).not.toHaveProperty('GH_TOKEN');
});

test('in the local cloud the sandbox keeps to the real names, and its GitHub is dialled on loopback', () => {
  const local = { git: 'http://127.0.0.1:4000', api: 'http://127.0.0.1:4000/api/v3' };
  expect(proxyEndpoints(local)).toEqual({
    endpoints: [{ git: 'https://github.com', api: 'https://api.github.com' }, local],
    upstream: 'http://127.0.0.1:4000',
  });
});

test('elsewhere there is one GitHub, under its own name', () => {
  const github = { git: 'https://ghe.example.com', api: 'https://ghe.example.com/api/v3' };
  expect(proxyEndpoints(github)).toEqual({ endpoints: [github] });
});
