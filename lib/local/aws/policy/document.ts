import type { AwsError, PolicyDocument, PolicyStatement } from '../cloud.ts';
import { readOperator } from './condition.ts';

export interface DocumentRules {
  /** `identity`: no principal. `key`, `resource`: principal and resource. `trust`: principal, no resource. */
  readonly kind: 'identity' | 'key' | 'resource' | 'trust';
  /** Largest size in characters, white space not counted. */
  readonly max: number;
  /** The service's own error for a document that is wrong. */
  readonly refuse: (message: string) => AwsError;
}

const MEMBERS = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

const statementProblem = (statement: PolicyStatement, kind: DocumentRules['kind']): string | undefined => {
  if (typeof statement !== 'object' || statement === null) return 'A statement must be an object.';
  const unknown = Object.keys(statement).find((name) => !MEMBERS.has(name));
  if (unknown !== undefined) return `Unknown field ${unknown}`;
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') return 'Effect must be Allow or Deny.';
  const has = (a: keyof PolicyStatement, b: keyof PolicyStatement): number =>
    [a, b].filter((m) => m in statement).length;
  if (has('Action', 'NotAction') !== 1) return 'Policy statement must contain actions.';
  if (kind === 'identity' && has('Principal', 'NotPrincipal') > 0)
    return 'Policy document should not specify a principal.';
  if (kind !== 'identity' && has('Principal', 'NotPrincipal') !== 1)
    return 'Policy statement must contain a principal.';
  if (kind === 'trust' && has('Resource', 'NotResource') > 0) return 'Has prohibited field Resource';
  if (kind !== 'trust' && has('Resource', 'NotResource') !== 1)
    return 'Policy statement must contain resources.';
  for (const action of listOf(statement.Action ?? statement.NotAction)) {
    if (typeof action !== 'string' || !/^(\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+)$/.test(action)) {
      return `Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. (${String(action)})`;
    }
  }
  for (const resource of listOf(statement.Resource ?? statement.NotResource ?? '*')) {
    if (typeof resource !== 'string' || !/^(\*|arn:.*|\$\{.*)$/s.test(resource)) {
      return `Resource ${String(resource)} must be in ARN format or "*".`;
    }
  }
  for (const [operator, entries] of Object.entries(statement.Condition ?? {})) {
    if (!readOperator(operator)) return `Invalid Condition type : ${operator}.`;
    if (typeof entries !== 'object' || entries === null)
      return `Condition ${operator} must hold keys and values.`;
  }
  return undefined;
};

/** Reads a policy document, as text or as an object, and refuses one that its service would. */
export const readPolicy = (value: unknown, rules: DocumentRules): PolicyDocument => {
  let document: PolicyDocument;
  try {
    document = typeof value === 'string' ? JSON.parse(value) : value;
  } catch {
    throw rules.refuse('This policy contains invalid Json');
  }
  if (typeof document !== 'object' || document === null || !('Statement' in document)) {
    throw rules.refuse('Syntax errors in policy.');
  }
  if (
    document.Version !== undefined &&
    document.Version !== '2012-10-17' &&
    document.Version !== '2008-10-17'
  ) {
    throw rules.refuse('The policy must contain a valid version string');
  }
  if (JSON.stringify(document).length > rules.max)
    throw rules.refuse(`The policy is longer than ${rules.max} characters`);
  for (const statement of listOf(document.Statement)) {
    const problem = statementProblem(statement as PolicyStatement, rules.kind);
    if (problem) throw rules.refuse(problem);
  }
  return document;
};
