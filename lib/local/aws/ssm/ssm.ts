import type { Cloud, Service } from '../cloud.ts';
import { serviceOf } from '../operations.ts';
import { SSM_MEMBERS } from './members.ts';
import { Parameters } from './parameters.ts';
import { readOperations } from './read-operations.ts';
import { tagOperations } from './tag-operations.ts';
import { writeOperations } from './write-operations.ts';

/**
 * Parameter Store: standard parameters with history, SecureStrings encrypted by KMS as the caller.
 *
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/
 */
export const createSsm = (cloud: Cloud): Service => {
  const parameters = new Parameters(cloud);
  const operations = {
    ...readOperations(parameters),
    ...writeOperations(parameters),
    ...tagOperations(parameters),
  };
  return serviceOf('ssm', operations, SSM_MEMBERS);
};
