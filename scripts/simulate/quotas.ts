/** A limit that AWS or GitHub documents (as read in November 2026), and that the models hold to. */
export interface Quota {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What each has one of. */
  readonly per: 'App' | 'installation' | 'account and region';
  readonly adjustable: boolean;
  readonly source: string;
}

const GITHUB_LIMITS = 'https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api';
const APP_LIMITS =
  'https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/rate-limits-for-github-apps';
const SSM_THROUGHPUT =
  'https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-throughput.html';
const SSM_QUOTAS = 'https://docs.aws.amazon.com/general/latest/gr/ssm.html';
const KMS_REQUESTS = 'https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html';
const KMS_RESOURCES = 'https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html';
const SCHEDULER = 'https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html';
const LAMBDA = 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html';
const CLOUDFORMATION =
  'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html';
const IAM = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html';

const region = 'account and region';

export const QUOTAS = {
  gitHubPrimary: {
    what: "requests with an installation's tokens (all that sandboxes ask of the API, and what km revokes)",
    value: 5_000,
    unit: 'an hour',
    per: 'installation',
    adjustable: false,
    source: APP_LIMITS,
  },
  gitHubMints: {
    what: 'mints: 900 points on one endpoint, of which a POST takes 5',
    value: 180,
    unit: 'a minute',
    per: 'installation',
    adjustable: false,
    source: GITHUB_LIMITS,
  },
  gitHubConcurrent: {
    what: 'requests to GitHub at once',
    value: 100,
    unit: 'at once',
    per: 'installation',
    adjustable: false,
    source: GITHUB_LIMITS,
  },
  ssmRequests: {
    what: 'GetParameter, GetParameters and PutParameter at the default throughput',
    value: 40,
    unit: 'a second',
    per: region,
    adjustable: true,
    source: SSM_THROUGHPUT,
  },
  ssmParameters: {
    what: 'standard parameters',
    value: 10_000,
    unit: '',
    per: region,
    adjustable: false,
    source: SSM_QUOTAS,
  },
  kmsSymmetric: {
    what: 'Encrypt and Decrypt (5,500 in the smallest regions)',
    value: 5_500,
    unit: 'a second',
    per: region,
    adjustable: true,
    source: KMS_REQUESTS,
  },
  kmsSign: {
    what: 'Sign with RSA keys',
    value: 500,
    unit: 'a second',
    per: region,
    adjustable: true,
    source: KMS_REQUESTS,
  },
  kmsKeys: {
    what: 'keys, with those that wait for their deletion',
    value: 100_000,
    unit: '',
    per: region,
    adjustable: true,
    source: KMS_RESOURCES,
  },
  schedulerInvocations: {
    what: 'invocations of targets (1,000 in the large regions)',
    value: 500,
    unit: 'a second',
    per: region,
    adjustable: true,
    source: SCHEDULER,
  },
  schedules: {
    what: 'schedules, two a sandbox with a TTL',
    value: 10_000_000,
    unit: '',
    per: region,
    adjustable: true,
    source: SCHEDULER,
  },
  lambdaConcurrency: {
    what: 'invocations at once',
    value: 1_000,
    unit: 'at once',
    per: region,
    adjustable: true,
    source: LAMBDA,
  },
  stacks: {
    what: 'stacks',
    value: 2_000,
    unit: '',
    per: region,
    adjustable: true,
    source: CLOUDFORMATION,
  },
  roles: {
    what: 'IAM roles (an account has them for all regions; 5,000 at most)',
    value: 1_000,
    unit: '',
    per: region,
    adjustable: true,
    source: IAM,
  },
} as const satisfies Record<string, Quota>;

export type QuotaName = keyof typeof QUOTAS;
