import { DescribeParametersCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { KmError } from '../errors.ts';

export interface DescribedParameter {
  readonly name: string;
  readonly description: string | undefined;
}

/** All parameters below a path, at any depth, each with its Description. */
export type DescribeParameters = (path: string) => Promise<readonly DescribedParameter[]>;

/**
 * Reads Descriptions from Parameter Store, fifty a call. Apart from `ParameterStore`, since no refresh needs it.
 *
 * IAM: `ssm:DescribeParameters`, which AWS does not narrow to a path. Throws `ErrAws`.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html
 */
export const createDescribeParameters =
  (ssm: Pick<SSMClient, 'send'>): DescribeParameters =>
  async (path) => {
    const found: DescribedParameter[] = [];
    let NextToken: string | undefined;
    do {
      const page = await ssm
        .send(
          new DescribeParametersCommand({
            ParameterFilters: [{ Key: 'Path', Option: 'Recursive', Values: [path] }],
            MaxResults: 50,
            ...(NextToken === undefined ? {} : { NextToken }),
          }),
        )
        .catch((error: unknown) => {
          const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'UnknownError';
          throw new KmError('ErrAws', `DescribeParameters failed: ${reason}`, { cause: error });
        });
      for (const { Name, Description } of page.Parameters ?? [])
        if (Name) found.push({ name: Name, description: Description });
      NextToken = page.NextToken;
    } while (NextToken);
    return found;
  };
