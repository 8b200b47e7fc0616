import type { SSMClient } from '@aws-sdk/client-ssm';
import { createDescribeParameters, type DescribeParameters } from '../../lib/broker/describe-parameters.ts';

/** Reads Descriptions through the function's own client. A bundle of its own, which no refresh loads; see scripts/build.ts. */
export const openDescribeParameters = (ssm: Pick<SSMClient, 'send'>): DescribeParameters =>
  createDescribeParameters(ssm);
