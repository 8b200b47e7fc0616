/** The platform's default prefix. Only this one puts the sandboxes' parameters at `/sandbox` without a prefix. */
export const DEFAULT_PREFIX = 'km';

/** A sandbox id: a prefix of at most 12 of `[a-z0-9]`, a letter first, then `-` and 8 hex digits. */
export const SANDBOX_ID = /^[a-z][a-z0-9]{0,11}-[0-9a-f]{8}$/;

/**
 * A platform prefix: at most 16 of `[a-z0-9-]`, a letter first; never one that AWS or another platform's paths use, and
 * none with `-sandbox` or `-github-token`: what `km` grants on `km-sandbox-*` would reach the platform `km-sandbox-a`.
 */
export const PLATFORM_PREFIX =
  /^(?=.{1,16}$)(?!(?:sandbox|aws|amazon|ssm)(?:-|$))(?!.*-(?:sandbox|github-token))[a-z](?:-?[a-z0-9])*$/;

export interface ResourceNamesOptions {
  /** The platform's prefix; default `km`. May be a CloudFormation token. */
  readonly prefix?: string;
  /**
   * The path above all sandboxes, without a slash at its end. Default `/sandbox` for prefix `km`, else `/PREFIX/sandbox`.
   * A template whose prefix is a parameter passes its `Fn::If` here, since a token cannot be compared at synthesis.
   */
  readonly sandboxRoot?: string;
}

export interface ResourceNames {
  readonly prefix: string;

  /** `/km/config/github`: the path above everything that is kept about the GitHub App. */
  readonly configPath: string;
  readonly appClientId: string;
  readonly privateKey: string;
  /** The key that is to take its place; there only during a rotation. */
  readonly privateKeyCandidate: string;
  /** The ARN of the KMS key that signs instead of a stored private key. */
  readonly signingKey: string;
  /** The App's name in GitHub's addresses. */
  readonly appSlug: string;
  readonly host: string;
  readonly legacyInstallationId: string;
  /** The path above the installation ids, without a slash at its end. */
  readonly installationsPath: string;
  /** Where one account's installation id is kept; the owner is lower-cased. */
  readonly installation: (owner: string) => string;
  /** Alias of the key that encrypts the App's private key. */
  readonly configKeyAlias: string;
  /** Alias of the KMS key that signs as the App. */
  readonly signingKeyAlias: string;
  /** Alias of the KMS key that is to take its place; there only during a rotation. */
  readonly signingKeyCandidateAlias: string;
  /** Alias of the one key of all sandboxes with `encryption: shared`. */
  readonly sharedKeyAlias: string;

  /** `/sandbox`, or `/PREFIX/sandbox`. */
  readonly sandboxRoot: string;
  readonly sandboxPath: (id: string) => string;
  /** The token of the first owner in `allowed_repos`. */
  readonly tokenParameter: (id: string) => string;
  /** The path above the tokens of the further owners, without a slash at its end. */
  readonly ownerTokensPath: (id: string) => string;
  /** The token of a further owner; the owner is lower-cased. */
  readonly ownerTokenParameter: (id: string, owner: string) => string;

  readonly stackName: (id: string) => string;
  readonly keyAlias: (id: string) => string;
  readonly schedule: (id: string) => string;
  readonly ttlSchedule: (id: string) => string;
  readonly scheduleGroup: string;
  readonly sandboxRole: (id: string) => string;
  /** PhysicalResourceId of the stack's first token. */
  readonly tokenResource: (id: string) => string;

  readonly platformStack: string;
  readonly functionName: string;
  readonly logGroup: string;
  readonly retryQueue: string;
  readonly deadLetterQueue: string;
  /** The SNS topic that every alarm of the platform goes to. */
  readonly alarmTopic: string;
  /** An alarm, by what it is about. */
  readonly alarm: (subject: string) => string;
  /** The CloudWatch dashboard. */
  readonly dashboard: string;
  /** The schedule that has the function look at all sandboxes. */
  readonly surveySchedule: string;

  // IAM is global, so that what the platform of each region makes there carries the region.
  readonly schedulerRole: (region: string) => string;
  readonly cloudFormationRole: (region: string) => string;
  readonly refresherRole: (region: string) => string;
  readonly operatorPolicy: (region: string) => string;
  readonly sandboxBoundary: (region: string) => string;
}

/**
 * Every resource and parameter name of a platform, in one place for the stacks, the refresher and the command line.
 *
 * Pure string building without validation: ids, owners, regions and the prefix may be CloudFormation tokens, except
 * that an owner is lower-cased. Whoever takes a name from outside checks it first ({@link SANDBOX_ID}, {@link PLATFORM_PREFIX}).
 */
export const resourceNames = (options: ResourceNamesOptions = {}): ResourceNames => {
  const prefix = options.prefix ?? DEFAULT_PREFIX;
  const sandboxRoot = options.sandboxRoot ?? (prefix === DEFAULT_PREFIX ? '/sandbox' : `/${prefix}/sandbox`);
  const configPath = `/${prefix}/config/github`;
  const functionName = `${prefix}-github-token-refresher`;
  const sandboxPath = (id: string) => `${sandboxRoot}/${id}`;
  const ownerTokensPath = (id: string) => `${sandboxPath(id)}/github-tokens`;
  const tokenName = (id: string) => `${prefix}-github-token-${id}`;
  return {
    prefix,
    configPath,
    appClientId: `${configPath}/app-client-id`,
    privateKey: `${configPath}/private-key`,
    privateKeyCandidate: `${configPath}/private-key-candidate`,
    signingKey: `${configPath}/signing-key`,
    appSlug: `${configPath}/app-slug`,
    host: `${configPath}/host`,
    legacyInstallationId: `${configPath}/installation-id`,
    installationsPath: `${configPath}/installations`,
    installation: (owner) => `${configPath}/installations/${owner.toLowerCase()}`,
    configKeyAlias: `alias/${prefix}-config`,
    signingKeyAlias: `alias/${prefix}-app-key`,
    signingKeyCandidateAlias: `alias/${prefix}-app-key-candidate`,
    sharedKeyAlias: `alias/${prefix}-github-tokens`,
    sandboxRoot,
    sandboxPath,
    tokenParameter: (id) => `${sandboxPath(id)}/github-token`,
    ownerTokensPath,
    ownerTokenParameter: (id, owner) => `${ownerTokensPath(id)}/${owner.toLowerCase()}`,
    stackName: (id) => `${prefix}-sandbox-${id}`,
    keyAlias: (id) => `alias/${tokenName(id)}`,
    schedule: tokenName,
    ttlSchedule: (id) => `${prefix}-ttl-${id}`,
    scheduleGroup: prefix,
    sandboxRole: (id) => `${prefix}-sandbox-${id}`,
    tokenResource: tokenName,
    platformStack: `${prefix}-platform`,
    functionName,
    logGroup: `/aws/lambda/${functionName}`,
    retryQueue: `${prefix}-refresh-retry`,
    deadLetterQueue: `${prefix}-refresh-dlq`,
    alarmTopic: `${prefix}-alarms`,
    alarm: (subject) => `${prefix}-${subject}`,
    dashboard: prefix,
    surveySchedule: `${prefix}-survey`,
    schedulerRole: (region) => `${prefix}-scheduler-${region}`,
    cloudFormationRole: (region) => `${prefix}-cloudformation-${region}`,
    refresherRole: (region) => `${prefix}-refresher-${region}`,
    operatorPolicy: (region) => `${prefix}-operator-${region}`,
    sandboxBoundary: (region) => `${prefix}-sandbox-boundary-${region}`,
  };
};
