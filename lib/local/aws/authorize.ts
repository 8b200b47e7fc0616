import { type AuthorizationRequest, AwsError, type Call, type Caller, type Cloud } from './cloud.ts';
import { standingOf } from './iam/records.ts';
import { type Context, contextOf } from './policy/context.ts';
import { type Decision, evaluate } from './policy/evaluate.ts';

type Surroundings = Pick<Cloud, 'accountId' | 'region' | 'clock' | 'table'>;

/** The condition keys that every request has, by what is known of caller and call. */
export const globalContext = (cloud: Surroundings, caller: Caller, via?: string): Context => {
  const now = cloud.clock.now();
  const own = caller.kind !== 'service';
  const tags = own ? standingOf(cloud, caller).tags : {};
  return contextOf(
    Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value])),
    {
      'aws:PrincipalArn': own ? caller.principalArn : undefined,
      'aws:PrincipalAccount': own ? cloud.accountId : undefined,
      'aws:PrincipalType':
        caller.kind === 'user' ? 'User' : caller.kind === 'role' ? 'AssumedRole' : undefined,
      'aws:userid': own ? caller.userId : undefined,
      'aws:username': caller.kind === 'user' ? caller.arn.slice(caller.arn.lastIndexOf('/') + 1) : undefined,
      'aws:PrincipalIsAWSService': String(!own),
      'aws:PrincipalServiceName': own ? undefined : caller.arn,
      'aws:ViaAWSService': String(via !== undefined),
      'aws:CalledVia': via === undefined ? undefined : [`${via}.amazonaws.com`],
      'aws:CalledViaFirst': via === undefined ? undefined : `${via}.amazonaws.com`,
      'aws:CalledViaLast': via === undefined ? undefined : `${via}.amazonaws.com`,
      'aws:SourceArn': caller.sourceArn,
      'aws:SourceAccount': own ? undefined : cloud.accountId,
      'aws:ResourceAccount': cloud.accountId,
      'aws:RequestedRegion': cloud.region,
      'aws:CurrentTime': new Date(now).toISOString(),
      'aws:EpochTime': String(Math.floor(now / 1000)),
      // The loopback stands for TLS: a policy that demands it is meant for the network.
      'aws:SecureTransport': 'true',
      'aws:SourceIp': via === undefined && own ? '127.0.0.1' : undefined,
    },
  );
};

/** What all policies together say to one request. */
export const decide = (
  cloud: Surroundings,
  caller: Caller,
  request: AuthorizationRequest,
  via?: string,
): Decision => {
  const standing = standingOf(cloud, caller);
  const context = new Map([...globalContext(cloud, caller, via), ...contextOf(request.context)]);
  return evaluate({
    action: request.action,
    resource: request.resource,
    context,
    caller,
    accountId: cloud.accountId,
    identity: standing.identity,
    boundary: standing.boundary,
    session: caller.sessionPolicy,
    resourcePolicy: request.resourcePolicy,
    resourcePolicyRule: request.resourcePolicyRule,
    principalIds: request.principalIds,
  });
};

/** A refusal in AWS's words. */
export const refusal = (
  caller: Caller,
  request: Pick<AuthorizationRequest, 'action' | 'resource'>,
  decision: Decision & { allowed: false },
): AwsError => {
  const because = decision.explicit
    ? `with an explicit deny in ${article(decision.by)} ${decision.by}`
    : `because no ${decision.by} allows the ${request.action} action`;
  return new AwsError(
    'AccessDeniedException',
    `User: ${caller.arn} is not authorized to perform: ${request.action} on resource: ${request.resource} ${because}`,
    403,
  );
};

const article = (kind: string): string => (kind.startsWith('i') ? 'an' : 'a');

/** Throws AccessDeniedException unless the policies allow. */
export const authorize = (cloud: Surroundings, call: Call, request: AuthorizationRequest): void => {
  const decision = decide(cloud, call.caller, request, call.via);
  if (!decision.allowed) throw refusal(call.caller, request, decision);
};
