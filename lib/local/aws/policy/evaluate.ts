import type { Caller, PolicyDocument, PolicyStatement } from '../cloud.ts';
import { conditionHolds } from './condition.ts';
import { type Context, plainText, substitute } from './context.ts';
import { type Closeness, closenessOf, closest } from './principal.ts';
import { arnMatches, globMatches } from './wildcard.ts';

/** Everything that decides one request. */
export interface Question {
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
  readonly caller: Caller;
  readonly accountId: string;
  readonly identity: readonly PolicyDocument[];
  readonly boundary?: PolicyDocument | undefined;
  readonly session?: PolicyDocument | undefined;
  readonly resourcePolicy?: PolicyDocument | undefined;
  readonly resourcePolicyRule?: 'required' | 'alternative' | undefined;
  readonly principalIds?: Readonly<Record<string, string>> | undefined;
}

export type PolicyKind =
  | 'identity-based policy'
  | 'resource-based policy'
  | 'permissions boundary'
  | 'session policy';

/** `by` names the kind of policy that denies, or that should have allowed. */
export type Decision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly explicit: boolean; readonly by: PolicyKind };

const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];

const actionMatches = (statement: PolicyStatement, action: string): boolean => {
  const matches = (pattern: string): boolean => globMatches(pattern.toLowerCase(), action.toLowerCase());
  if (statement.NotAction !== undefined) return !listOf(statement.NotAction).some(matches);
  return listOf(statement.Action).some(matches);
};

/** Policy variables are known since version 2012-10-17; before it they are plain text. */
interface Reading {
  readonly ofResource: boolean;
  readonly variables: boolean;
}

const resourceMatches = (statement: PolicyStatement, question: Question, reading: Reading): boolean => {
  const negated = statement.NotResource !== undefined;
  const patterns = listOf(negated ? statement.NotResource : statement.Resource);
  // A trust policy has no Resource: it stands on the role itself.
  if (patterns.length === 0) return reading.ofResource;
  const resolved = patterns.map((pattern) =>
    reading.variables ? substitute(pattern, question.context) : pattern,
  );
  if (negated && resolved.includes(undefined)) return false;
  const some = resolved.some(
    (pattern) =>
      pattern !== undefined &&
      (arnMatches(pattern, question.resource) || plainText(pattern) === question.resource),
  );
  return some !== negated;
};

const applies = (statement: PolicyStatement, question: Question, reading: Reading): boolean =>
  actionMatches(statement, question.action) &&
  resourceMatches(statement, question, reading) &&
  conditionHolds(statement.Condition, question.context, {
    variables: reading.variables,
    unknownOperator: statement.Effect === 'Deny',
  });

const reading = (document: PolicyDocument, ofResource: boolean): Reading => ({
  ofResource,
  variables: document.Version === '2012-10-17',
});

const statements = (document: PolicyDocument, effect: 'Allow' | 'Deny'): PolicyStatement[] =>
  listOf<PolicyStatement>(document.Statement).filter((statement) => statement.Effect === effect);

const has = (document: PolicyDocument | undefined, effect: 'Allow' | 'Deny', question: Question): boolean =>
  document !== undefined &&
  statements(document, effect).some((statement) => applies(statement, question, reading(document, false)));

const closenessIn = (document: PolicyDocument, effect: 'Allow' | 'Deny', question: Question): Closeness =>
  closest(
    statements(document, effect).map((statement) =>
      applies(statement, question, reading(document, true)) ? closenessOf(statement, question) : 'none',
    ),
  );

const explicitDeny = (question: Question): PolicyKind | undefined => {
  const { identity, boundary, session, resourcePolicy } = question;
  if (identity.some((document) => has(document, 'Deny', question))) return 'identity-based policy';
  if (has(boundary, 'Deny', question)) return 'permissions boundary';
  if (has(session, 'Deny', question)) return 'session policy';
  if (resourcePolicy && closenessIn(resourcePolicy, 'Deny', question) !== 'none')
    return 'resource-based policy';
  return undefined;
};

/**
 * Decides one request inside one account, as IAM does: an explicit deny anywhere wins; a key or trust policy must
 * allow; a policy that names only the account hands the decision to the identity policies; boundary and session policy
 * limit all but a grant to the very session or user.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 * https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
 */
export const evaluate = (question: Question): Decision => {
  const denier = explicitDeny(question);
  if (denier) return { allowed: false, explicit: true, by: denier };
  const { identity, boundary, session, resourcePolicy } = question;
  const missing = (by: PolicyKind): Decision => ({ allowed: false, explicit: false, by });

  const granted = resourcePolicy ? closenessIn(resourcePolicy, 'Allow', question) : 'none';
  if (granted === 'session') return { allowed: true };
  if (resourcePolicy && granted === 'none' && question.resourcePolicyRule !== 'alternative') {
    return missing('resource-based policy');
  }
  if (granted !== 'role' && !identity.some((document) => has(document, 'Allow', question))) {
    return missing('identity-based policy');
  }
  if (boundary && !has(boundary, 'Allow', question)) return missing('permissions boundary');
  if (session && !has(session, 'Allow', question)) return missing('session policy');
  return { allowed: true };
};
