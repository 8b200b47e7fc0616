import type { Permissions } from '../permissions.ts';
import { type Html, html } from './html.ts';

const LEVELS = {
  read: 'Read access to',
  write: 'Read and write access to',
  admin: 'Admin access to',
} as const;

/** Permissions as GitHub's pages list them: by level. */
export const permissionList = (permissions: Permissions): Html => {
  const lines = Object.entries(LEVELS).flatMap(([level, text]) => {
    const names = Object.keys(permissions).filter((name) => permissions[name] === level);
    return names.length === 0
      ? []
      : [html`<li><strong>${text}</strong> ${names.sort().join(', ').replaceAll('_', ' ')}</li>`];
  });
  return html`<ul>${lines}</ul>`;
};
