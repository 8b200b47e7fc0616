import { createHash } from 'node:crypto';
import { isPermanent } from '../../lib/broker/permanent-failure.ts';
import type { MessageRecord } from '../../lib/local/aws/sqs/queue-store.ts';
import type { StoredToken } from '../../lib/local/github/installation-tokens.ts';
import type { ChaosCloud } from './chaos-cloud.ts';
import { type Findings, inParallel, tailOf } from './findings.ts';
import type { Fleet, Member } from './fleet.ts';
import { accountOf, isRefused, listFleet, type Reach } from './probe-fleet.ts';
import { askGitHub, isKnownToGitHub, type Listed, readTokens } from './sandbox-tokens.ts';

interface Context {
  readonly cloud: ChaosCloud;
  readonly fleets: readonly Fleet[];
  readonly findings: Findings;
}

/** Every sandbox that is to live has a token that works, or a reason that `km list` tells. */
async function auditLiving(context: Context, reach: Reach): Promise<{ working: number; permanent: number }> {
  const { cloud, fleets, findings } = context;
  const listed = await listFleet(cloud);
  const now = await cloud.now();
  const figures = { working: 0, permanent: 0 };
  const members = fleets.flatMap(({ members: all }) => all);
  await inParallel(6, members, async (member) => {
    const sandbox = listed.get(member.id);
    for (const token of member.dead) {
      if (await isKnownToGitHub(cloud, token))
        findings.add(`a token of ${member.id} outlived its revocation`);
    }
    if (member.want === 'gone' || member.want === 'absent') {
      if (sandbox) findings.add(`${member.id} should be gone, and km list has it: ${sandbox.health}`);
      return;
    }
    if (!sandbox) {
      const ended = member.expiresAt === 'maybe' || (member.expiresAt ?? Number.POSITIVE_INFINITY) <= now;
      if (!ended) findings.add(`${member.id} should be ${member.want}, and is not there`);
      return;
    }
    if (member.want === 'paused') {
      if (sandbox.health !== 'paused' || sandbox.tokens.length > 0)
        findings.add(
          `${member.id} should be paused, and is ${sandbox.health} with ${sandbox.tokens.length} tokens`,
        );
      return;
    }
    await auditTokens({ cloud, findings }, { member, sandbox, reach, figures });
  });
  for (const id of listed.keys()) {
    if (!members.some((member) => member.id === id)) findings.add(`${id} is nobody's sandbox`);
  }
  return figures;
}

async function auditTokens(
  { cloud, findings }: Pick<Context, 'cloud' | 'findings'>,
  {
    member,
    sandbox,
    reach,
    figures,
  }: {
    readonly member: Member;
    readonly sandbox: Listed;
    readonly reach: Reach;
    readonly figures: { working: number; permanent: number };
  },
): Promise<void> {
  const values = await readTokens(cloud, sandbox).catch((error: Error) => {
    findings.add(`the tokens of ${member.id} cannot be read at the end: ${error.message}`);
    return [];
  });
  for (const repo of sandbox.allowedRepos ?? member.repos) {
    const owner = accountOf(repo);
    const token = sandbox.tokens.find((each) => each.owner === owner);
    if (isRefused(reach, repo)) {
      if (!token?.failure) {
        findings.add(`${member.id} is refused ${repo}, and km list does not say why: ${sandbox.health}`);
      } else if (!isPermanent(token.failure.code)) {
        findings.add(`${member.id} is refused ${repo} for ${token.failure.code}`);
      } else figures.permanent += 1;
      continue;
    }
    const value = values.find((each) => each.owner === owner)?.value;
    const status = value === undefined ? 'no token' : await askGitHub(cloud, value, repo);
    if (status !== 200)
      findings.add(`at the end ${member.id} gets ${status} for ${repo} (${sandbox.health})`);
    else if (token?.failure)
      findings.add(`at the end ${member.id} still reports ${token.failure.code} for ${repo}`);
    else figures.working += 1;
  }
}

/** A clone's first step with the credential helper of `km exec`, in some of the sandboxes. */
async function auditGit({ cloud, fleets, findings }: Context, reach: Reach, most: number): Promise<number> {
  const listed = await listFleet(cloud);
  const usable = fleets
    .flatMap(({ members }) => members)
    .flatMap(({ id, want }) => {
      const repo =
        want === 'live' ? listed.get(id)?.allowedRepos?.find((each) => !isRefused(reach, each)) : undefined;
      return repo === undefined ? [] : [{ id, repo }];
    });
  const chosen = usable.slice(0, most);
  for (const { id, repo } of chosen) {
    const ended = await cloud.km(['exec', id, '--', 'git', 'ls-remote', `https://github.com/${repo}`]);
    if (ended.code !== 0) findings.add(`git in ${id} does not reach ${repo}: ${tailOf(ended)}`);
  }
  return chosen.length;
}

/** Checks that tell of a token that GitHub refuses: the sandbox's, and the log of the refresher that said so. */
const EXPLAINED = /^(sandbox-|refresher-errors$|github-)/;

/** `km doctor` finds nothing wrong but what is: the sandboxes that GitHub refuses for good. */
async function auditDoctor({ cloud, findings }: Context, permanent: number): Promise<void> {
  const ended = await cloud.km(['doctor', '--json']);
  const report = JSON.parse(ended.stdout || '{}') as {
    ok?: boolean;
    findings?: { check: string; status: string; finding: string }[];
  };
  const wrong = (report.findings ?? [])
    .filter(({ status }) => status === 'fail' || status === 'warn')
    // What a killed function leaves in its log names no sandbox that could be seen to be well again.
    .filter(({ check, finding }) => check !== 'refresher-errors' || / for sb-/.test(finding));
  if (permanent === 0) {
    for (const { check, finding } of wrong) findings.add(`km doctor: ${check}: ${finding}`);
    if (ended.code !== 0) findings.add(`km doctor ends with ${ended.code}`);
    return;
  }
  if (wrong.length === 0)
    findings.add(`km doctor finds nothing wrong, with ${permanent} tokens refused for good`);
  for (const { check, finding } of wrong) {
    if (!EXPLAINED.test(check)) findings.add(`km doctor: ${check}: ${finding}`);
  }
}

/** Nothing is left in the stopped cloud of sandboxes that are gone. */
async function auditRemains(
  context: Context,
  { calmSince, now }: { calmSince: number; now: number },
): Promise<void> {
  const { cloud, fleets, findings } = context;
  const members = fleets.flatMap(({ members: all }) => all);
  const stacks = Object.values(await cloud.table<{ name: string; status: string }>('cloudformation-stacks'));
  const standing = stacks.filter(
    ({ name, status }) => name.startsWith('km-sandbox-') && status !== 'DELETE_COMPLETE',
  );
  const alive = new Set(standing.map(({ name }) => name.slice('km-sandbox-'.length)));
  const isLeft = (id: string | undefined): boolean => id !== undefined && !alive.has(id);
  const idIn = (name: string): string | undefined => /\bsb-[0-9a-f]{8}\b/.exec(name)?.[0];

  for (const { name, status } of standing)
    if (/FAILED/.test(status)) findings.add(`the stack ${name} is ${status}`);
  for (const table of ['ssm-parameters', 'kms-aliases', 'scheduler-schedules', 'iam-roles']) {
    for (const name of Object.keys(await cloud.table(table))) {
      if (isLeft(idIn(name))) findings.add(`left behind in ${table}: ${name}`);
    }
  }
  const keys = Object.values(
    await cloud.table<{ id: string; description?: string; deletion?: object }>('kms-keys'),
  );
  for (const { id, description = '', deletion } of keys) {
    if (isLeft(idIn(description)) && !deletion) findings.add(`left behind: key ${id}, ${description}`);
  }
  for (const { queue, body } of Object.values(await cloud.table<MessageRecord>('sqs-messages'))) {
    findings.add(`left in ${queue}: ${body.slice(0, 400)}`);
  }
  for (const table of ['lambda-async-events', 'scheduler-deliveries']) {
    const left = Object.keys(await cloud.table(table)).length;
    if (left > 0) findings.add(`${left} left in ${table}`);
  }
  // A token whose answer was lost is nobody's, and dies within the hour; once the faults are over there are none.
  const known = new Set(members.flatMap(({ tokens }) => [...tokens]).map(sha256));
  for (const [hash, token] of Object.entries(await cloud.table<StoredToken>('github-tokens'))) {
    if (token.expiresAt > now && token.mintedAt >= calmSince && !known.has(hash)) {
      findings.add(
        `GitHub has a live token that no sandbox has, minted ${new Date(token.mintedAt).toISOString()}`,
      );
    }
  }
}

const sha256 = (token: string): string => createHash('sha256').update(token).digest('hex');

export interface Audited {
  readonly working: number;
  readonly permanent: number;
  readonly git: number;
}

/** Stops the cloud in the end: what it has left lies on disk then. */
export async function audit(
  context: Context,
  reach: Reach,
  options: { readonly calmSince: number; readonly git: number },
): Promise<Audited> {
  const { cloud, findings } = context;
  const figures = await auditLiving(context, reach);
  const git = await auditGit(context, reach, options.git);
  await auditDoctor(context, figures.permanent);
  const now = await cloud.now();
  await cloud.down();
  await auditRemains(context, { calmSince: options.calmSince, now });
  for (const line of await cloud.processes()) findings.add(`a process is left: ${line}`);
  for (const name of await cloud.temporaryFiles()) findings.add(`a temporary file is left: ${name}`);
  return { ...figures, git };
}
