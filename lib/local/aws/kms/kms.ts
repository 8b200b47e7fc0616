import { type Cloud, notImplemented, type Service } from '../cloud.ts';

/** Stands until its operations come. */
export const createKms = (_cloud: Cloud): Service => ({
  name: 'kms',
  handle: async (call) => {
    throw notImplemented(call);
  },
});
