import type { Caller, PolicyDocument, PolicyStatement } from '../../../lib/local/aws/cloud.ts';
import { contextOf } from '../../../lib/local/aws/policy/context.ts';
import { evaluate, type Question } from '../../../lib/local/aws/policy/evaluate.ts';

export const ACCOUNT = '000000000000';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/app/worker`;
export const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/worker/s1`;
export const USER = `arn:aws:iam::${ACCOUNT}:user/ann`;
export const PARAMETER = `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/sandbox/sb-1/github-token`;

const role: Caller = { kind: 'role', arn: SESSION, principalArn: ROLE, userId: 'AROA1:s1' };
export const user: Caller = { kind: 'user', arn: USER, principalArn: USER, userId: 'AIDA1' };
export const scheduler: Caller = {
  kind: 'service',
  arn: 'scheduler.amazonaws.com',
  principalArn: 'scheduler.amazonaws.com',
  userId: 'scheduler.amazonaws.com',
};

export const policy = (...Statement: PolicyStatement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement,
});
export const allow = (more: Partial<PolicyStatement> = {}): PolicyStatement => ({
  Effect: 'Allow',
  ...('NotAction' in more ? {} : { Action: '*' }),
  ...('NotResource' in more ? {} : { Resource: '*' }),
  ...more,
});
export const deny = (more: Partial<PolicyStatement> = {}): PolicyStatement => ({
  ...allow(more),
  Effect: 'Deny',
});

export interface Given extends Partial<Omit<Question, 'context'>> {
  readonly context?: Record<string, string | readonly string[]>;
}

/** Puts one question to the evaluator; by default a role without policies that wants to read a parameter. */
export const ask = ({ context, ...given }: Given): string => {
  const decision = evaluate({
    action: 'ssm:GetParameter',
    resource: PARAMETER,
    caller: role,
    accountId: ACCOUNT,
    identity: [],
    ...given,
    context: contextOf(context),
  });
  if (decision.allowed) return 'allow';
  return `${decision.explicit ? 'explicit' : 'implicit'} deny: ${decision.by}`;
};

export const NO_IDENTITY = 'implicit deny: identity-based policy';
