import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { proxySidecar } from '../../lib/sandbox/proxy-sidecar.ts';

const POLICY = 'version 1\nsandbox sb-1234abcd\nref release/*\nref [a-z]*\n';
const text = proxySidecar({
  id: 'sb-1234abcd',
  policy: POLICY,
  github: { git: 'https://github.com', api: 'https://api.github.com' },
});
const { services, networks, configs } = parse(text);

test('the sandbox is in no network that leads out, and shares one with the proxy alone', () => {
  expect(services.sandbox.networks).toEqual(['sandbox']);
  expect(networks.sandbox).toEqual({ internal: true });
  expect(services['km-proxy'].networks).toEqual(['sandbox', 'outside']);
});

test('the proxy reads the policy of the sandbox, whole', () => {
  expect(configs['km-policy'].content).toBe(POLICY);
  expect(services['km-proxy'].command.join(' ')).toContain(
    'km proxy --policy /etc/km/policy --listen 0.0.0.0:3128',
  );
});

test('the sandbox can read the CA and not replace it, and has variables for the proxy but no credential', () => {
  expect(services.sandbox.volumes).toEqual(['km-trust:/km/trust:ro']);
  expect(services.sandbox.environment).toMatchObject({
    https_proxy: 'http://km-proxy:3128',
    GIT_SSL_CAINFO: '/km/trust/bundle.pem',
    NODE_EXTRA_CA_CERTS: '/km/trust/ca.pem',
  });
  expect(Object.keys(services.sandbox.environment).filter((name) => /^AWS_/.test(name))).toEqual([
    'AWS_EC2_METADATA_DISABLED',
  ]);
});
