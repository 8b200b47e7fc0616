import type { Refusal } from '../decision.ts';
import { type CheckedHead, checkHead, type HeadFacts } from './check-head.ts';

/** Connections that had a head refused; an entry goes with its connection. */
const refused = new WeakSet<object>();

/**
 * Checks the head of a request on a connection, and remembers a refusal: node:http hands out the requests that a client
 * sent right behind a refused one, although the answer closes the connection, and they may be that one's second reading.
 */
export const checkConnectionHead = (connection: object, facts: HeadFacts): Refusal | CheckedHead => {
  if (refused.has(connection)) {
    return {
      allowed: false,
      rule: 'http',
      status: 400,
      reason: '[km] Request denied -- another one before it on this connection was refused',
      remedy: 'Open a connection anew.',
    };
  }
  const head = checkHead(facts);
  if ('allowed' in head) refused.add(connection);
  return head;
};
