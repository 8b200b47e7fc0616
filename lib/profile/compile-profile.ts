import { basename } from 'node:path';
import { compileGitHub } from './compile-github.ts';
import { profileAdvice } from './profile-advice.ts';
import { PROFILE_NAME, type Profile } from './profile-schema.ts';
import type { SandboxPlan } from './sandbox-plan.ts';
import { readTimeToLive } from './time-to-live.ts';

export type { SandboxPlan } from './sandbox-plan.ts';

const DEFAULT_PREFIX = 'sb';
const DEFAULT_NAME = 'profile';
const LONGEST_NAME = 63;

const nameOfFile = (file: string): string => {
  const name = basename(file)
    .replace(/\.ya?ml$/i, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, LONGEST_NAME)
    .replace(/^[._-]+|[._-]+$/g, '');
  return PROFILE_NAME.test(name) ? name : DEFAULT_NAME;
};

const secondsOf = (ttl: string | number | undefined): number => {
  const read = readTimeToLive(String(ttl ?? 0));
  return 'seconds' in read ? read.seconds : 0;
};

/**
 * Compiles a profile that `parseProfile` has read into what is to be made of it, defaults filled in: prefix `sb`,
 * substrate docker, a key of its own, no end, and the verbs clone and fetch, with push where `allowedRefs` names a ref. Never throws.
 */
export const compileProfile = (
  profile: Profile,
  options: {
    /** Gives the plan its name where the profile has none; `profile` when this is left out too. */
    readonly file?: string;
  } = {},
): SandboxPlan => {
  const { metadata = {}, spec } = profile;
  const github = compileGitHub(spec.sourceAccess);
  const hosts = spec.network?.egress?.allowedHosts ?? [];
  return {
    name: metadata.name ?? nameOfFile(options.file ?? DEFAULT_NAME),
    prefix: metadata.prefix ?? DEFAULT_PREFIX,
    labels: { ...metadata.labels },
    ttlSeconds: secondsOf(spec.lifecycle?.ttl),
    substrate: spec.runtime?.substrate ?? 'docker',
    encryption: spec.encryption ?? 'per-sandbox',
    allowedHosts: [...new Set(hosts.map((host) => host.toLowerCase()))],
    warnings: profileAdvice(spec.sourceAccess, github).map(({ message }) => message),
    ...(github ? { github } : {}),
  };
};
