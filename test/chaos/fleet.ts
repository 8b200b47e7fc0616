import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChaosCloud, Ended } from './chaos-cloud.ts';
import type { Act, SandboxPlan } from './plan.ts';
import { REPOS } from './seed-accounts.ts';

/** What an operator wants a sandbox to be, and what is known of it. */
export interface Member {
  readonly plan: SandboxPlan;
  readonly id: string;
  want: 'absent' | 'live' | 'paused' | 'gone';
  repos: readonly string[];
  /** The command that was not seen to succeed, which is run again once the faults are over. */
  unsure?: Act['kind'];
  /** When it ends by itself on the cloud's clock; `maybe` while a command that sets it was not seen to succeed. */
  expiresAt?: number | 'maybe';
  /** Tokens that it was seen with and that may live. */
  readonly tokens: Set<string>;
  /** Tokens that were to be revoked. */
  readonly dead: Set<string>;
}

export interface Done {
  readonly act: Act;
  readonly id: string;
  readonly ended: Ended;
}

const EXTENDED = '3h';
const EXTENDED_MS = 3 * 3_600_000;

/** Operators at work on a fleet: runs their commands, and keeps what they may expect afterwards. */
export class Fleet {
  readonly members: readonly Member[];
  readonly #cloud: ChaosCloud;

  constructor(cloud: ChaosCloud, plans: readonly SandboxPlan[]) {
    this.#cloud = cloud;
    this.members = plans.map((plan) => ({
      plan,
      id: plan.id,
      want: 'absent',
      repos: plan.repos,
      tokens: new Set(),
      dead: new Set(),
    }));
  }

  /** Does one act if it makes sense by now; answers what km said, `undefined` when there was nothing to do. */
  async perform(act: Act): Promise<Done | undefined> {
    const member = this.members[act.sandbox];
    if (!member || !makesSense(act.kind, member)) return undefined;
    const ended = await this.run(act.kind, member, act.kill);
    return { act, id: member.id, ended };
  }

  /** Runs the command of an act, and notes what came of it. */
  async run(kind: Act['kind'], member: Member, kill?: Parameters<ChaosCloud['km']>[1]): Promise<Ended> {
    const cloud = this.#cloud;
    const { id } = member;
    const known = new Set(member.tokens);
    const swapped = kind === 'update' ? member.repos.map(otherRepo) : member.repos;
    if (kind === 'create' || kind === 'update') await this.#writeProfile(member, swapped);
    const before = await cloud.now().catch(() => Date.now());
    if (kind === 'create') member.want = 'live';
    if (kind === 'destroy') member.want = 'gone';
    const ended = await cloud.km([...commandOf(kind, id, this.#profile(id)), '--json'], kill);
    const done = ended.code === 0;
    if (done) delete member.unsure;
    else if (kind !== 'refresh') member.unsure = kind;
    if (kind === 'pause' || kind === 'revoke') member.want = 'paused';
    if (kind === 'resume') member.want = 'live';
    if (kind === 'create' && member.plan.ttl) member.expiresAt = before + member.plan.ttl * 60_000;
    if (kind === 'extend') member.expiresAt = done ? before + EXTENDED_MS : 'maybe';
    if (kind === 'update' && done) member.repos = swapped;
    if (done && ['pause', 'revoke', 'destroy', 'update'].includes(kind)) {
      for (const token of known) {
        member.tokens.delete(token);
        member.dead.add(token);
      }
    }
    return ended;
  }

  #profile(id: string): string {
    return join(this.#cloud.dir, `${id}.yaml`);
  }

  async #writeProfile({ plan, id }: Member, repos: readonly string[]): Promise<void> {
    const profile = {
      metadata: { name: 'chaos' },
      spec: {
        lifecycle: { ttl: plan.ttl === undefined ? 0 : `${plan.ttl}m` },
        encryption: plan.encryption,
        sourceAccess: { github: { allowedRepos: repos, permissions: ['clone', 'fetch', 'push'] } },
      },
    };
    await writeFile(this.#profile(id), JSON.stringify(profile));
  }
}

/** The next repo of the same account: what the sandbox had before, it has no longer. */
const otherRepo = (repo: string): string => {
  const [account = '', name = ''] = repo.split('/');
  const names: readonly string[] = REPOS;
  return `${account}/${names[(names.indexOf(name) + 1) % names.length]}`;
};

const makesSense = (kind: Act['kind'], { want, unsure }: Member): boolean => {
  if (kind === 'create') return want === 'absent';
  if (kind === 'destroy') return want === 'live' || want === 'paused';
  if (unsure !== undefined) return false;
  return want === (kind === 'resume' ? 'paused' : 'live');
};

function commandOf(kind: Act['kind'], id: string, profile: string): string[] {
  if (kind === 'create') return ['create', profile, '--id', id];
  if (kind === 'update') return ['update', id, profile];
  if (kind === 'extend') return ['extend', id, '--ttl', EXTENDED];
  if (kind === 'revoke') return ['revoke', id, '--yes'];
  return [kind, id];
}
