import { expect, test } from 'vitest';
import { tokenPermissions, type Verb } from '../../lib/profile/token-permissions.ts';

test.each<[Verb[], Record<string, string>]>([
  [['clone'], { contents: 'read', metadata: 'read' }],
  [['fetch'], { contents: 'read', metadata: 'read' }],
  [['clone', 'fetch'], { contents: 'read', metadata: 'read' }],
  [['push'], { contents: 'write', metadata: 'read' }],
  [['push', 'clone'], { contents: 'write', metadata: 'read' }],
  [['clone', 'push'], { contents: 'write', metadata: 'read' }],
  [['comment'], { issues: 'write', metadata: 'read' }],
  [['review'], { pull_requests: 'write', metadata: 'read' }],
  [['checks'], { checks: 'write', metadata: 'read' }],
  [['workflow'], { workflows: 'write', metadata: 'read' }],
  [['actions'], { actions: 'write', metadata: 'read' }],
  [[], { metadata: 'read' }],
])('the verbs %j need %o and nothing more', (verbs, permissions) => {
  expect(tokenPermissions(verbs)).toEqual(permissions);
});
