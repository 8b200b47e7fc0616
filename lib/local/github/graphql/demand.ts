import { type PermissionLevel, reaches } from '../permissions.ts';
import type { RestContext } from '../rest/route.ts';
import { forbidden } from './problem.ts';

/** Throws FORBIDDEN where the token lacks a permission. */
export const demand = ({ principal }: RestContext, permission: string, level: PermissionLevel): void => {
  const held = principal.kind === 'installation' ? principal.token.permissions : {};
  if (!reaches(held, permission, level)) throw forbidden();
};
