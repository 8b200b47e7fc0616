import { describe, expect, test } from 'vitest';
import { permissionDifferences } from '../../lib/github/permissions.ts';

type Levels = Readonly<Record<string, string>>;

describe('permission differences', () => {
  test.each<[string, Levels, Levels, string[], string[]]>([
    ['none', { contents: 'write', metadata: 'read' }, { contents: 'write' }, [], []],
    ['a level too low', { contents: 'read' }, { contents: 'write' }, ['contents read → write'], []],
    ['a level too high', { contents: 'write' }, { contents: 'read' }, [], ['contents write → read']],
    ['one not granted', {}, { issues: 'write' }, ['issues - → write'], []],
    ['one not wanted', { issues: 'write' }, {}, [], ['issues write → -']],
    [
      'a level that nobody knows',
      { checks: 'owner' },
      { checks: 'read' },
      ['checks owner → read'],
      ['checks owner → read'],
    ],
    ['metadata alone', { metadata: 'read' }, {}, [], []],
    [
      'several, by name',
      { issues: 'read' },
      { pull_requests: 'write', contents: 'read', issues: 'read' },
      ['contents - → read', 'pull_requests - → write'],
      [],
    ],
  ])('%s', (_, granted, wanted, missing, surplus) => {
    const shown = permissionDifferences(granted, wanted);
    const line = ({ name, granted = '-', wanted = '-' }: (typeof shown.missing)[number]) =>
      `${name} ${granted} → ${wanted}`;
    expect([shown.missing.map(line), shown.surplus.map(line)]).toEqual([missing, surplus]);
  });
});
