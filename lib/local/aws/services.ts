import type { Cloud, Service } from './cloud.ts';
import { createIam } from './iam/iam.ts';
import { createKms } from './kms/kms.ts';
import { createSsm } from './ssm/ssm.ts';
import { createSts } from './sts/sts.ts';

/** Every service of the local cloud; a new one is registered here. */
const SERVICES: readonly ((cloud: Cloud) => Service)[] = [createSts, createIam, createKms, createSsm];

/** The services by the name that a signature's scope gives them. */
export const createServices = (cloud: Cloud): ReadonlyMap<string, Service> =>
  new Map(SERVICES.map((create) => create(cloud)).map((service) => [service.name, service]));
