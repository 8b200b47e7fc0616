import type { EgressProxy, EgressProxyOptions } from './proxy-options.ts';

/** Starts the egress proxy of a sandbox. Rejects with the listening error when the address cannot be had. */
export const startEgressProxy = async (options: EgressProxyOptions): Promise<EgressProxy> => {
  throw new TypeError(`not listening on ${options.listen.host}`);
};
