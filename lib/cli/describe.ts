import { type DescribedSandbox, describeSandbox } from '../sandbox/describe-sandbox.ts';
import { formatMoment } from './format.ts';
import type { Invocation } from './invocation.ts';
import { healthStyle, sandboxJson } from './show-sandbox.ts';

/** `km describe ID`: what AWS tells of one sandbox now. */
export async function run(invocation: Invocation): Promise<undefined> {
  const { args, options, terminal } = invocation;
  const { context } = await invocation.session();
  const [sandbox, now] = await Promise.all([describeSandbox(context, args[0] ?? ''), context.now()]);
  if (options.json) {
    terminal.json(sandboxJson(sandbox, now));
    return;
  }
  terminal.result(
    `${terminal.style('bold', sandbox.id)}  ${terminal.style(healthStyle(sandbox.health), sandbox.health)}`,
  );
  for (const [name, value] of facts(sandbox, now)) terminal.result(`  ${name.padEnd(12)}${value}`);
}

function facts(sandbox: DescribedSandbox, now: number): [string, string][] {
  const { event, guard, egress } = sandbox;
  const refs = guard.allowedRefs === undefined ? 'any ref' : guard.allowedRefs.join(' ') || 'no ref';
  const also = [
    ...(guard.allowForcePushes ? ['forced pushes'] : []),
    ...(guard.allowDeletions ? ['deletions'] : []),
  ];
  return [
    ['profile', sandbox.profile],
    [
      'created',
      `${formatMoment(sandbox.createdAt, now)}${sandbox.createdBy ? ` by ${sandbox.createdBy}` : ''}`,
    ],
    [
      'lives',
      sandbox.expiresAt === undefined ? 'until destroyed' : `until ${formatMoment(sandbox.expiresAt, now)}`,
    ],
    ['substrate', sandbox.substrate],
    ['encryption', sandbox.encryption],
    ['repos', event?.allowed_repos.join(', ') ?? 'no GitHub (mode: none)'],
    [
      'permissions',
      Object.entries(event?.permissions ?? {})
        .map(([name, level]) => `${name}:${level}`)
        .join(' ') || '-',
    ],
    ['push', event ? [refs, ...also].join(', ') : '-'],
    ...(egress.graphql === 'read' ? [['graphql', 'queries, through the proxy'] as [string, string]] : []),
    ...egress.allowedHosts.map((host): [string, string] => ['host', `${host}, through the proxy`]),
    ...sandbox.tokens.map(({ owner, mintedAt, expiresAt, parameter }): [string, string] => [
      'token',
      `${owner}: minted ${formatMoment(Date.parse(mintedAt), now)}, until ${formatMoment(Date.parse(expiresAt), now)}  ${parameter}`,
    ]),
    ...sandbox.tokens.flatMap(({ owner, failure }): [string, string][] =>
      failure
        ? [
            [
              'failing',
              `${owner}: not renewed since ${formatMoment(Date.parse(failure.at), now)}: ${failure.code}`,
            ],
          ]
        : [],
    ),
    ...(sandbox.paused ? [['paused', `no token until km resume ${sandbox.id}`] as [string, string]] : []),
    ...sandbox.schedules.map(({ name, state, expression }): [string, string] => [
      'schedule',
      `${name}  ${expression}  ${state}`,
    ]),
    ['key', `${sandbox.keyArn ?? '-'}  ${sandbox.keyState}`],
    ['role', sandbox.roleArn ?? '-'],
    ...(sandbox.instanceProfileName ? [['instance', sandbox.instanceProfileName] as [string, string]] : []),
    ['stack', `${sandbox.stackId}  ${sandbox.stackStatus}`],
    ...Object.entries(sandbox.labels).map(([key, value]): [string, string] => ['label', `${key}=${value}`]),
  ];
}
