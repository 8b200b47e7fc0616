import type { Parameter } from '@aws-sdk/client-cloudformation';
import { parseRefreshEvent, type RefreshEvent } from '../broker/refresh-event.ts';
import { KmError } from '../errors.ts';
import { type GuardPolicy, parseGuardPolicy } from '../guard/guard-policy.ts';

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

/** Throws `ErrProfileInvalid` for what no stack could carry, before anything is asked or made. */
export function checkFits({ event, guard }: Pick<SandboxStackInput, 'event' | 'guard'>): void {
  eventText(event);
  guardText(guard);
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
    RefreshStart: input.refreshStart === undefined ? '' : `${seconds(input.refreshStart)}Z`,
    ExpiresAt: input.expiresAt === undefined ? '' : seconds(input.expiresAt),
  };
  for (let index = 0; index < CHUNKS; index += 1) {
    values[`RefreshEvent${index + 1}`] = event.slice(index * CHUNK_LENGTH, (index + 1) * CHUNK_LENGTH);
  }
  return Object.entries(values).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));
}

/** Reads the parameters of a stack back. Throws `ErrRefreshEventInvalid` when the stack is not one of km's. */
export function fromStackParameters(
  parameters: readonly Parameter[],
): Pick<SandboxStackInput, 'id' | 'profileName' | 'substrate' | 'guard' | 'event' | 'expiresAt'> {
  const value = (name: string): string =>
    parameters.find(({ ParameterKey }) => ParameterKey === name)?.ParameterValue ?? '';
  const event = Array.from({ length: CHUNKS }, (_, index) => value(`RefreshEvent${index + 1}`)).join('');
  const expiresAt = value('ExpiresAt');
  return {
    id: value('SandboxId'),
    profileName: value('ProfileName'),
    substrate: value('Substrate') as SandboxStackInput['substrate'],
    guard: parseGuardPolicy(value('GuardPolicy')),
    ...(event === '' ? {} : { event: parseRefreshEvent(JSON.parse(event)) }),
    ...(expiresAt === '' ? {} : { expiresAt: Date.parse(`${expiresAt}Z`) }),
  };
}
