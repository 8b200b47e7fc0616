import type { Parameter } from '@aws-sdk/client-cloudformation';
import { parseRefreshEvent, type RefreshEvent } from '../broker/refresh-event.ts';
import { KmError } from '../errors.ts';
import { type GuardPolicy, parseGuardPolicy } from '../guard/guard-policy.ts';
import { type EgressPolicy, parseEgressPolicy, renderEgressPolicy } from '../profile/egress-policy.ts';

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
  /** `shared`: the platform's shared key encrypts its tokens, of which the stack is told the ARN. */
  readonly encryption: 'per-sandbox' | 'shared';
  /** With encryption `shared` only. */
  readonly sharedKeyArn?: string;
  /** It has no token and gets none until it is resumed. */
  readonly paused: boolean;
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

/** A moment as the parameters `RefreshStart` and `UpdatedAt` tell it. */
export const momentText = (moment: number): string => `${seconds(moment)}Z`;

/** The parameter `RefreshStart`. */
export const refreshStartText = (refreshStart: number | undefined): string =>
  refreshStart === undefined ? '' : momentText(refreshStart);

/** The parameter `ExpiresAt`. */
export const endText = (expiresAt: number | undefined): string =>
  expiresAt === undefined ? '' : seconds(expiresAt);

const eventParameters = (event: RefreshEvent | undefined): Record<string, string> => {
  const text = eventText(event);
  return Object.fromEntries(
    Array.from({ length: CHUNKS }, (_, index) => [
      `RefreshEvent${index + 1}`,
      text.slice(index * CHUNK_LENGTH, (index + 1) * CHUNK_LENGTH),
    ]),
  );
};

/** The parameters that a profile decides, and that can be changed later. Throws `ErrProfileInvalid` when they do not fit. */
export const profileParameters = ({
  profileName,
  event,
  guard,
  egress,
}: Pick<SandboxStackInput, 'profileName' | 'event' | 'guard' | 'egress'>): Record<string, string> => ({
  ProfileName: profileName,
  GuardPolicy: guardText(guard),
  EgressPolicy: egressText(egress),
  ...eventParameters(event),
});

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
  const values: Record<string, string> = {
    Prefix: input.prefix,
    SandboxId: input.id,
    ProfileName: input.profileName,
    Substrate: input.substrate,
    TrustedPrincipalArns: input.trustedPrincipalArns.join(','),
    GuardPolicy: guardText(input.guard),
    EgressPolicy: egressText(input.egress),
    RefreshStart: refreshStartText(input.refreshStart),
    ExpiresAt: endText(input.expiresAt),
    Encryption: input.encryption,
    SharedKeyArn: input.sharedKeyArn ?? '',
    Paused: String(input.paused),
    ...eventParameters(input.event),
  };
  return Object.entries(values).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));
}

/** What the template lets a profile's name be. */
const PROFILE_NAME = /^[A-Za-z0-9._-]{1,63}$/;
const ENCRYPTIONS = ['per-sandbox', 'shared'] as const;
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
): Omit<SandboxStackInput, 'prefix' | 'trustedPrincipalArns' | 'sharedKeyArn'> {
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
  // A sandbox of an earlier km has none of these.
  const encryption = ENCRYPTIONS.find((name) => name === (value('Encryption') || 'per-sandbox'));
  const paused = value('Paused') || 'false';
  const start = value('RefreshStart');
  const refreshStart = Date.parse(start);
  if (encryption === undefined) throw notOurs('Encryption');
  if (paused !== 'true' && paused !== 'false') throw notOurs('Paused');
  if (start !== '' && Number.isNaN(refreshStart)) throw notOurs('RefreshStart');
  const event = text === '' ? undefined : parsedEvent(text);
  if (event !== undefined && event.sandbox_id !== id) throw notOurs('RefreshEvent');
  if (event !== undefined && (event.encryption ?? 'per-sandbox') !== encryption) throw notOurs('Encryption');
  // A sandbox from before there was a proxy has no such parameter.
  const egress = parseEgressPolicy(value('EgressPolicy') || '{}');
  if (egress === undefined) throw notOurs('EgressPolicy');
  return {
    id,
    profileName,
    substrate,
    guard: parseGuardPolicy(value('GuardPolicy')),
    egress,
    encryption,
    paused: paused === 'true',
    ...(event === undefined ? {} : { event }),
    ...(start === '' ? {} : { refreshStart }),
    ...(end === '' ? {} : { expiresAt }),
  };
}
