import { tokenParameters } from '../broker/owner-scopes.ts';
import { renderGuard } from '../guard/render-guard.ts';
import type { SandboxContext } from './context.ts';
import type { SandboxRecord } from './sandbox-record.ts';

export interface Endpoints {
  /** The origin of git remotes: `https://github.com`; `http://127.0.0.1:PORT` in the local cloud. */
  readonly git: string;
  /** The REST base: `https://api.github.com`. */
  readonly api: string;
  /** Parameter Store's endpoint: `https://ssm.REGION.amazonaws.com`, or the local cloud's. */
  readonly ssm: string;
}

/**
 * The policy that the scripts in a sandbox read: which host and repos they answer for, where the tokens are, and what
 * may be pushed; and what else the egress proxy goes by. One `key value` a line; every value was checked when the profile was read.
 */
export function policyFile(context: SandboxContext, sandbox: SandboxRecord, endpoints: Endpoints): string {
  const { event } = sandbox;
  const lines = [
    'version 1',
    `sandbox ${sandbox.id}`,
    `region ${context.region}`,
    `git ${endpoints.git}`,
    `api ${endpoints.api}`,
    `ssm ${endpoints.ssm}`,
  ];
  if (event) {
    for (const [owner, parameter] of tokenParameters(context.names, event))
      lines.push(`token ${owner} ${parameter}`);
    for (const repo of event.allowed_repos) lines.push(`repo ${repo.toLowerCase()}`);
    for (const [name, level] of Object.entries(event.permissions)) lines.push(`permission ${name} ${level}`);
  }
  const { allowedHosts, graphql } = sandbox.egress;
  const egress = [
    ...allowedHosts.map((host) => `host ${host}`),
    ...(graphql === 'read' ? ['graphql read'] : []),
  ];
  return `${[...lines, ...renderGuard(sandbox.guard), ...egress].join('\n')}\n`;
}
