import { acceptMembers } from '../accept-members.ts';
import { AwsError, type Call, type PolicyStatement } from '../cloud.ts';
import { authorize, type LambdaRoom } from './function-requests.ts';

const notFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message, 404);

/** A principal as AddPermission takes it: a service, an account, an ARN, or everybody. */
const principalOf = (principal: string): NonNullable<PolicyStatement['Principal']> => {
  if (principal === '*') return '*';
  if (principal.endsWith('.amazonaws.com')) return { Service: principal };
  return { AWS: /^\d{12}$/.test(principal) ? `arn:aws:iam::${principal}:root` : principal };
};

export function addPermission(room: LambdaRoom, call: Call): object {
  acceptMembers(call, ['FunctionName', 'StatementId', 'Action', 'Principal', 'SourceArn', 'SourceAccount']);
  const Resource = authorize(room, call);
  const { StatementId, Action, Principal, SourceArn, SourceAccount } = call.input;
  const record = room.store.get(call.input.FunctionName);
  if (record.policy.some(({ Sid }) => Sid === StatementId)) {
    throw new AwsError(
      'ResourceConflictException',
      `The statement id (${StatementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
      409,
    );
  }
  const Condition = {
    ...(SourceArn === undefined ? {} : { ArnLike: { 'AWS:SourceArn': SourceArn } }),
    ...(SourceAccount === undefined ? {} : { StringEquals: { 'AWS:SourceAccount': SourceAccount } }),
  };
  const statement: PolicyStatement = {
    Sid: StatementId,
    Effect: 'Allow',
    Principal: principalOf(String(Principal)),
    Action,
    Resource,
    ...(Object.keys(Condition).length > 0 ? { Condition } : {}),
  };
  room.store.set({ ...record, policy: [...record.policy, statement] });
  return { Statement: JSON.stringify(statement) };
}

export function removePermission(room: LambdaRoom, call: Call): object {
  acceptMembers(call, ['FunctionName', 'StatementId']);
  authorize(room, call);
  const record = room.store.get(call.input.FunctionName);
  const policy = record.policy.filter(({ Sid }) => Sid !== call.input.StatementId);
  if (policy.length === record.policy.length) {
    throw notFound(`Statement ${call.input.StatementId} is not found in resource policy.`);
  }
  room.store.set({ ...record, policy });
  return {};
}

export function getPolicy(room: LambdaRoom, call: Call): object {
  acceptMembers(call, ['FunctionName', 'Qualifier']);
  authorize(room, call);
  const { policy, revision } = room.store.get(call.input.FunctionName);
  if (policy.length === 0) throw notFound('The resource you requested does not exist.');
  const Policy = JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: policy });
  return { Policy, RevisionId: revision };
}

/** The tags of the function that an ARN names: ListTags, TagResource and UntagResource. */
export function functionTags(room: LambdaRoom, call: Call): object {
  acceptMembers(call, ['Resource', 'Tags', 'TagKeys']);
  const { cloud, store } = room;
  const { Resource, Tags, TagKeys } = call.input;
  cloud.authorize(call, { action: `lambda:${call.operation}`, resource: String(Resource) });
  const record = store.get(Resource);
  if (call.operation === 'ListTags') return { Tags: record.tags };
  const kept = Object.entries(record.tags).filter(([key]) => !((TagKeys ?? []) as string[]).includes(key));
  store.set({ ...record, tags: { ...Object.fromEntries(kept), ...Tags } });
  return {};
}
