import { KmError } from '../../errors.ts';
import { explainAwsError } from '../../sandbox/explain-aws-error.ts';
import { type Check, fail, ok } from '../check.ts';

/** Who asks, where. Without it no other check could tell anything. */
export const account: Check = {
  id: 'aws-credentials',
  title: 'AWS credentials and region',
  async run({ caller, context }) {
    try {
      const { account: number, arn } = await caller();
      return [ok(`account ${number}, region ${context.region}, as ${arn}`)];
    } catch (error) {
      const known = explainAwsError(error);
      if (!(known instanceof KmError)) throw error;
      const remedy = /credentials/.test(known.message)
        ? 'aws sso login   # or whatever signs you in; without an account: km local up, then --local'
        : known.remedy;
      return [fail(known.message, remedy ?? 'km doctor --verbose')];
    }
  },
};
