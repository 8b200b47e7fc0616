import type { Refusal } from '../decision.ts';

/** To whoever is not the user that the proxy works for. */
export const OTHER_USER: Refusal = {
  allowed: false,
  rule: 'user',
  status: 403,
  reason: '[km] This proxy is for another user of this machine.',
  remedy: 'Start one of your own.',
};

/** While decisions cannot be written down. */
export const NO_AUDIT: Refusal = {
  allowed: false,
  rule: 'upstream',
  status: 503,
  reason: '[km] The audit log cannot be written, and nothing is let through without it.',
  remedy: "Make room on the disk of the proxy's machine.",
};
