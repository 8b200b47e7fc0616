import { type Cloud, notImplemented, type Service } from '../cloud.ts';

/** Stands until its operations come. */
export const createIam = (_cloud: Cloud): Service => ({
  name: 'iam',
  handle: async (call) => {
    throw notImplemented(call);
  },
});
