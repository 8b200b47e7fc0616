import { type Cloud, notImplemented, type Service } from '../cloud.ts';

/** Stands until its operations come. */
export const createSts = (_cloud: Cloud): Service => ({
  name: 'sts',
  handle: async (call) => {
    throw notImplemented(call);
  },
});
