import { stringify } from 'yaml';
import { proxyVariables } from './proxy-variables.ts';

export interface ProxySidecarOptions {
  readonly id: string;
  /** The sandbox's policy file. */
  readonly policy: string;
  /** GitHub as the sandbox names it. */
  readonly github: { readonly git: string; readonly api: string };
}

const HEAD = `# A sandbox behind km's egress proxy, for docker compose. It holds no secret.
# The sandbox is in a network that leads nowhere but to the proxy. Only the proxy gets AWS credentials of the sandbox's
# role: give them to that container alone. docs/proxy.md says how the same is done on ECS and EKS.
`;

/** A variable that compose takes from whoever starts it, and asks for by what it is. */
const given = (name: string, what: string): string => `\${${name}:?${what}}`;

/** Containers of a sandbox and its proxy, as a compose file: networks, policy, CA and the variables of the clients. */
export function proxySidecar({ id, policy, github }: ProxySidecarOptions): string {
  const variables = proxyVariables({
    url: 'http://km-proxy:3128',
    ca: '/km/trust/ca.pem',
    bundle: '/km/trust/bundle.pem',
    github,
  });
  const command = ['km', 'proxy', '--policy', '/etc/km/policy', '--listen', '0.0.0.0:3128', '--any-user'];
  return `${HEAD}${stringify(
    {
      services: {
        'km-proxy': {
          image: given('KM_IMAGE', 'an image with km on its PATH'),
          command: [...command, '--ca-dir', '/km/trust', '--audit', '/km/audit/audit.jsonl'],
          // Half the memory under load: docs/decisions/proxy-throughput.md.
          environment: { NODE_OPTIONS: '--max-semi-space-size=1' },
          networks: ['sandbox', 'outside'],
          volumes: ['km-trust:/km/trust', 'km-audit:/km/audit'],
          configs: [{ source: 'km-policy', target: '/etc/km/policy' }],
          cap_drop: ['ALL'],
          security_opt: ['no-new-privileges:true'],
          healthcheck: { test: ['CMD', 'test', '-s', '/km/trust/bundle.pem'], interval: '2s', retries: 15 },
        },
        sandbox: {
          image: given('SANDBOX_IMAGE', 'the image of the sandbox'),
          networks: ['sandbox'],
          environment: { KM_SANDBOX_ID: id, AWS_EC2_METADATA_DISABLED: 'true', ...variables },
          volumes: ['km-trust:/km/trust:ro'],
          depends_on: { 'km-proxy': { condition: 'service_healthy' } },
        },
      },
      networks: { sandbox: { internal: true }, outside: {} },
      volumes: { 'km-trust': {}, 'km-audit': {} },
      configs: { 'km-policy': { content: policy } },
    },
    { lineWidth: 0 },
  )}`;
}
