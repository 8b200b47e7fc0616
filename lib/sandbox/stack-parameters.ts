import type { Parameter } from '@aws-sdk/client-cloudformation';
import { parseRefreshEvent, type RefreshEvent } from '../broker/refresh-event.ts';
import { KmError } from '../errors.ts';
import { type GuardPolicy, parseGuardPolicy } from '../guard/guard-policy.ts';
import { type EgressPolicy, parseEgressPolicy, renderEgressPolicy } from './egress-policy.ts';

/** A CloudFormation parameter holds 4,096 bytes, so that a long list of repos travels in several. */
const CHUNK_LENGTH = 4_000;
const CHUNKS = 8;

/** Everything that a sandbox's stack is made from. */
export interface SandboxStackInput {
  readonly prefix: string;
  readonly id: string;
  readonly profileName: string;
  readonly substrate: 'docker' | 'ec2' | 'ecs' | 'eks';
  /** Who may assume the sandbox's role: ARN patterns; used with substrate docker only. */
  readonly trustedPrincipalArns: readonly string[];
  /** Absent: a sandbox without GitHub. */
  readonly event?: RefreshEvent;
  readonly guard: GuardPolicy;
  readonly egress: EgressPolicy;
  /** The first scheduled refresh, in milliseconds since the epoch; absent: none, for a sandbox that ends before it. */
  readonly refreshStart?: number;
  /** Milliseconds since the epoch; absent: until destroyed. */
  readonly expiresAt?: number;
}

const seconds = (ms: number): string => new Date(ms).toISOString().slice(0, 19);

const fits = (name: string, value: string, limit: number): string => {
  if (Buffer.byteLength(value) <= limit) return value;
  throw new KmError(
    'ErrProfileInvalid',
    `The profile's ${name} takes ${Buffer.byteLength(value)} bytes; a stack carries at most ${limit}.`,
    { remedy: 'Name fewer, for example with `owner/*`, or split the profile.' },
  );
};

const eventText = (event: RefreshEvent | undefined): string =>
  fits('allowedRepos', event ? JSON.stringify(event) : '', CHUNK_LENGTH * CHUNKS);

const guardText = (guard: GuardPolicy): string => fits('allowedRefs', JSON.stringify(guard), CHUNK_LENGTH);

const egressText = (egress: EgressPolicy): string =>
  fits('allowedHosts', renderEgressPolicy(egress), CHUNK_LENGTH);

/** Throws `ErrProfileInvalid` for what no stack could carry, before anything is asked or made. */
export function checkFits({
  event,
  guard,
  egress,
}: Pick<SandboxStackInput, 'event' | 'guard' | 'egress'>): void {
  eventText(event);
  guardText(guard);
  egressText(egress);
}

/** Writes what a sandbox is made from as the parameters of its stack. Throws `ErrProfileInvalid` when it is too long for one. */
export function toStackParameters(input: SandboxStackInput): Parameter[] {
  const event = eventText(input.event);
  const values: Record<string, string> = {
    Prefix: input.prefix,
    SandboxId: input.id,
    ProfileName: input.profileName,
    Substrate: input.substrate,
    TrustedPrincipalArns: input.trustedPrincipalArns.join(','),
    GuardPolicy: guardText(input.guard),
    EgressPolicy: egressText(input.egress),
    RefreshStart: input.refreshStart === undefined ? '' : `${seconds(input.refreshStart)}Z`,
    ExpiresAt: input.expiresAt === undefined ? '' : seconds(input.expiresAt),
  };
  for (let index = 0; index < CHUNKS; index += 1) {
    values[`RefreshEvent${index + 1}`] = event.slice(index * CHUNK_LENGTH, (index + 1) * CHUNK_LENGTH);
  }
  return Object.entries(values).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));
}

/** What the template lets a profile's name be. */
const PROFILE_NAME = /^[A-Za-z0-9._-]{1,63}$/;
const SUBSTRATES = ['docker', 'ec2', 'ecs', 'eks'] as const;

const notOurs = (parameter: string): KmError =>
  new KmError(
    'ErrSandboxFailed',
    `Its stack was not made by km create: ${parameter} is none that it writes.`,
    {
      remedy: 'Destroy it, and create the sandbox again.',
    },
  );

const parsedEvent = (text: string): RefreshEvent => {
  try {
    return parseRefreshEvent(JSON.parse(text));
  } catch (error) {
    throw error instanceof KmError ? error : notOurs('RefreshEvent');
  }
};

/**
 * Reads the parameters of a stack back. Whoever may create stacks can give one any parameters, so that each is checked
 * as if it came from a stranger.
 *
 * Throws `ErrSandboxFailed`, `ErrRefreshEventInvalid` or `ErrGuardPolicyInvalid` when the stack is not one of km's.
 */
export function fromStackParameters(
  parameters: readonly Parameter[],
): Pick<SandboxStackInput, 'id' | 'profileName' | 'substrate' | 'guard' | 'egress' | 'event' | 'expiresAt'> {
  const value = (name: string): string =>
    parameters.find(({ ParameterKey }) => ParameterKey === name)?.ParameterValue ?? '';
  const id = value('SandboxId');
  const profileName = value('ProfileName');
  const substrate = SUBSTRATES.find((name) => name === value('Substrate'));
  const text = Array.from({ length: CHUNKS }, (_, index) => value(`RefreshEvent${index + 1}`)).join('');
  const end = value('ExpiresAt');
  const expiresAt = Date.parse(`${end}Z`);
  if (!PROFILE_NAME.test(profileName)) throw notOurs('ProfileName');
  if (substrate === undefined) throw notOurs('Substrate');
  if (end !== '' && Number.isNaN(expiresAt)) throw notOurs('ExpiresAt');
  const event = text === '' ? undefined : parsedEvent(text);
  if (event !== undefined && event.sandbox_id !== id) throw notOurs('RefreshEvent');
  // A sandbox from before there was a proxy has no such parameter.
  const egress = parseEgressPolicy(value('EgressPolicy') || '{}');
  if (egress === undefined) throw notOurs('EgressPolicy');
  return {
    id,
    profileName,
    substrate,
    guard: parseGuardPolicy(value('GuardPolicy')),
    egress,
    ...(event === undefined ? {} : { event }),
    ...(end === '' ? {} : { expiresAt }),
  };
}
