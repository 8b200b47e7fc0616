import type { AwsFault } from '../../lib/local/aws/faults.ts';
import type { GitHubFaultRule, GitHubFaults } from '../../lib/local/github/faults.ts';
import type { Random } from './random.ts';

/** What `POST /_km/faults` takes. */
export interface FaultSet {
  readonly aws: readonly AwsFault[];
  readonly github: GitHubFaults;
}

export const NO_FAULTS: FaultSet = { aws: [], github: {} };

/** Calls of the function, of km, of CloudFormation for a stack, and of the platform's services among each other. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  ssm: [
    'GetParameters',
    'GetParameter',
    'PutParameter',
    'GetParameterHistory',
    'DeleteParameters',
    'DescribeParameters',
  ],
  kms: ['Encrypt', 'Decrypt', 'CreateKey', 'CreateAlias', 'ScheduleKeyDeletion'],
  iam: ['CreateRole', 'PutRolePolicy', 'DeleteRole', 'DeleteRolePolicy'],
  scheduler: ['CreateSchedule', 'DeleteSchedule', 'UpdateSchedule', 'GetSchedule'],
  cloudformation: ['CreateStack', 'UpdateStack', 'DeleteStack', 'DescribeStacks', 'DescribeStackEvents'],
  sts: ['AssumeRole', 'GetCallerIdentity'],
  lambda: ['Invoke'],
  sqs: ['SendMessage', 'ReceiveMessage', 'DeleteMessageBatch'],
  logs: ['PutLogEvents'],
};

/** The calls of the function alone: at any of them its process may die. */
const FUNCTION_CALLS = ['GetParameters', 'PutParameter', 'GetParameterHistory', 'DeleteParameters', 'any'];

const drawAws = (random: Random): AwsFault => {
  const service = random.pick(Object.keys(CALLS));
  const operation = random.pick(CALLS[service] ?? []);
  const base = { service, operation, count: random.int(1, 8), skip: random.int(0, 5) };
  switch (random.int(0, 3)) {
    case 0:
      return { ...base, latencyMs: random.int(20, 400) };
    case 1:
      return { ...base, lost: true };
    case 2:
      return { ...base, error: 'throttle' };
    default:
      return { ...base, error: 'internal' };
  }
};

const drawKill = (random: Random): AwsFault => {
  const operation = random.pick(FUNCTION_CALLS);
  const base = { count: random.int(1, 3), skip: random.int(0, 8), kill: true, lost: random.chance(0.5) };
  return operation === 'any' ? base : { service: 'ssm', operation, ...base };
};

const MINT = 'POST /app/installations/*/access_tokens';

const drawRule = (random: Random): GitHubFaultRule => {
  const match = random.pick([
    MINT,
    'GET /rate_limit',
    'GET */installation',
    'DELETE /installation/token',
    '* *',
  ]);
  switch (random.int(0, 5)) {
    case 0:
      return { match, status: random.pick([500, 502, 503]), rate: 0.3 };
    case 1:
      return { match, reset: true, count: random.int(1, 4) };
    case 2:
      return { match, lost: true, count: random.int(1, 4) };
    case 3:
      return {
        match,
        throttle: 'secondary',
        retryAfterSeconds: random.pick([1, 60]),
        count: random.int(1, 5),
      };
    case 4:
      return {
        match,
        throttle: random.pick(['too-many-requests', 'primary']),
        retryAfterSeconds: 1,
        count: 2,
      };
    default:
      return { match, latencyMs: random.int(20, 300), count: random.int(1, 20) };
  }
};

/** A round's faults: some on each side, and now and then a function that dies at one of its calls. */
export function drawFaults(random: Random): FaultSet {
  const aws = Array.from({ length: random.int(0, 5) }, () => drawAws(random));
  if (random.chance(0.8)) aws.push(drawKill(random));
  const rules = Array.from({ length: random.int(0, 3) }, () => drawRule(random));
  return {
    aws,
    github: {
      ...(rules.length > 0 ? { rules } : {}),
      ...(random.chance(0.3) ? { freshToken: { requests: random.int(1, 2) } } : {}),
      ...(random.chance(0.2) ? { clockSkewMs: random.pick([-90_000, -30_000, 30_000]) } : {}),
    },
  };
}

/** GitHub answers nobody. */
export const GITHUB_DOWN: FaultSet = { aws: [], github: { rules: [{ match: '* *', status: 502 }] } };
