import { type Cloud, notImplemented, type Service } from '../cloud.ts';

/** Stands until its operations come. */
export const createSsm = (_cloud: Cloud): Service => ({
  name: 'ssm',
  handle: async (call) => {
    throw notImplemented(call);
  },
});
