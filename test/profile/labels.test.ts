import { expect, test } from 'vitest';
import { checkLabelCount, checkLabelKey, checkLabelValue, MOST_LABELS } from '../../lib/profile/labels.ts';

test.each(['a', 'team', 'cost-center', 'example.com/team', 'A_1', 'x'.repeat(100)])(
  'the key %s is accepted',
  (key) => {
    expect(checkLabelKey(key)).toBeUndefined();
  },
);

test.each(['', '-a', 'a-', 'a b', 'a:b', 'a\n', 'ä', '$(id)', '<<', 'x'.repeat(101)])(
  'the key %j is refused',
  (key) => {
    expect(checkLabelKey(key)?.message).toBe('this is no label that an AWS tag could carry');
  },
);

test.each(['a', 'platform team', '4711', 'a=b', 'me@example.com', 'https://a.b/c+d', 'x'.repeat(256)])(
  'the value %s is accepted',
  (value) => {
    expect(checkLabelValue(value)).toBeUndefined();
  },
);

test.each(['', ' a', 'a ', 'a\nb', 'a,b', 'a;b', "a'b", '"', '`id`', '$x', '<', 'ä', 'x'.repeat(257)])(
  'the value %j is refused',
  (value) => {
    expect(checkLabelValue(value)?.message).toBe('this is no value that an AWS tag could carry');
  },
);

test('labels are refused from the first that tags have no room for', () => {
  const labels = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v']));
  expect(checkLabelCount(labels(MOST_LABELS))).toBeUndefined();
  expect(checkLabelCount(labels(MOST_LABELS + 1))?.message).toBe(
    '41 labels are more than AWS tags can carry',
  );
});
