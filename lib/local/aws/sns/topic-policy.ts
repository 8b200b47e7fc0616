import type { PolicyDocument, PolicyStatement } from '../cloud.ts';
import { readPolicy } from '../policy/document.ts';
import { invalid } from './topic-store.ts';

/** https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html */
const ACTIONS = [
  'AddPermission',
  'DeleteTopic',
  'GetDataProtectionPolicy',
  'GetTopicAttributes',
  'ListSubscriptionsByTopic',
  'ListTagsForResource',
  'Publish',
  'PutDataProtectionPolicy',
  'RemovePermission',
  'SetTopicAttributes',
  'Subscribe',
].map((action) => `sns:${action}`.toLowerCase());
const MAX_BYTES = 30_720;

const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];

/** Reads a topic's policy: it covers this topic alone, by the actions that SNS knows there. Throws InvalidParameter. */
export const readTopicPolicy = (text: string, topicArn: string): PolicyDocument => {
  const refuse = (message: string) => invalid(`Policy Error: ${message}`);
  const document = readPolicy(text, { kind: 'resource', max: MAX_BYTES, refuse });
  const statements = listOf<PolicyStatement>(document.Statement);
  const actions = statements.flatMap(({ Action, NotAction }) => listOf(Action ?? NotAction));
  if (actions.some((action) => !ACTIONS.includes(action.toLowerCase())))
    throw invalid('Policy statement action out of service scope!');
  const resources = statements.flatMap(({ Resource, NotResource }) => listOf(Resource ?? NotResource));
  const other = resources.find((resource) => resource !== topicArn);
  if (other !== undefined) throw refuse(`the resource ${other} is not the topic`);
  return document;
};
