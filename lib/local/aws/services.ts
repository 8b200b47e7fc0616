import type { Cloud, Service } from './cloud.ts';
import { createCloudFormation } from './cloudformation/cloudformation.ts';
import { createCloudWatch } from './cloudwatch/cloudwatch.ts';
import { createIam } from './iam/iam.ts';
import { createKms } from './kms/kms.ts';
import { createLambda } from './lambda/lambda.ts';
import { createLogs } from './logs/logs.ts';
import { createScheduler } from './scheduler/scheduler.ts';
import { createSns } from './sns/sns.ts';
import { createSqs } from './sqs/sqs.ts';
import { createSsm } from './ssm/ssm.ts';
import { createSts } from './sts/sts.ts';

/** Every service of the local cloud; a new one is registered here. */
const SERVICES: readonly ((cloud: Cloud) => Service)[] = [
  createSts,
  createIam,
  createKms,
  createSsm,
  createLogs,
  createCloudWatch,
  createSqs,
  createSns,
  createLambda,
  createScheduler,
  createCloudFormation,
];

/** The services by the name that a signature's scope gives them. */
export const createServices = (cloud: Cloud): ReadonlyMap<string, Service> =>
  new Map(SERVICES.map((create) => create(cloud)).map((service) => [service.name, service]));
