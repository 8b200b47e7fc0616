import { describe, expect, test } from 'vitest';
import { filterPattern } from '../../../lib/local/aws/logs/filter-pattern.ts';

const EVENT = JSON.stringify({
  event: 'refresh_failed',
  sandbox_id: 'sb-0a1b2c3d',
  ms: 412.5,
  ok: false,
  nothing: null,
  owner: { login: 'my-org', repos: ['a', 'b'] },
  'odd key': 'x',
});

describe('a pattern of fields', () => {
  test.each([
    ['{ $.sandbox_id = "sb-0a1b2c3d" }', true],
    ['{ $.sandbox_id = sb-0a1b2c3d }', true],
    ['{$.sandbox_id="sb-0a1b2c3d"}', true],
    ['{ $.sandbox_id = "sb-0a1b2c3" }', false],
    ['{ $.sandbox_id = "sb-*" }', true],
    ['{ $.sandbox_id != "sb-*" }', false],
    ['{ $.sandbox_id != "other" }', true],
    ['{ $.absent != "other" }', false],
    ['{ $.ms > 400 }', true],
    ['{ $.ms >= 4.125e2 }', true],
    ['{ $.ms < 400 }', false],
    ['{ $.sandbox_id > 1 }', false],
    ['{ $.ok IS FALSE }', true],
    ['{ $.ok IS TRUE }', false],
    ['{ $.nothing IS NULL }', true],
    ['{ $.absent IS NULL }', false],
    ['{ $.absent NOT EXISTS }', true],
    ['{ $.ms NOT EXISTS }', false],
    ['{ $.owner = * }', true],
    ['{ $.owner.login = "my-org" }', true],
    ['{ $.owner.repos[1] = "b" }', true],
    ['{ $["odd key"] = "x" }', true],
    ['{ ($.event = "refresh_*") && ($.ms > 1000 || $.ok IS FALSE) }', true],
    ['{ $.event = "x" || $.ms > 1 && $.ok IS TRUE }', false],
    ['{ $.event = "a.c" }', false],
  ])('%s: %s', (pattern, matches) => {
    expect(filterPattern(pattern)(EVENT)).toBe(matches);
  });

  test.each([
    ['a line before it', `2026-11-20T10:00:00Z INFO ${EVENT}`],
    ['broken JSON', EVENT.slice(0, -1)],
    ['text', 'sandbox_id sb-0a1b2c3d'],
  ])('matches no event that is not JSON alone: %s', (_, message) => {
    expect(filterPattern('{ $.sandbox_id = "sb-0a1b2c3d" }')(message)).toBe(false);
  });

  test.each([
    '{ }',
    '{ $.a }',
    '{ $.a = }',
    '{ a = 1 }',
    '{ $.a > "text" }',
    '{ $.a = 1',
    '{ ($.a = 1 }',
    '{ $.a = 1 $.b = 2 }',
    '{ $.a IS MAYBE }',
  ])('%s cannot be read', (pattern) => {
    expect(() => filterPattern(pattern)).toThrow(
      expect.objectContaining({ code: 'InvalidParameterException' }),
    );
  });

  test.each(['{ $.a = %x.*% }', '%x%', '[ip, user, status=4*]'])('%s is not implemented', (pattern) => {
    expect(() => filterPattern(pattern)).toThrow(expect.objectContaining({ code: 'NotImplemented' }));
  });
});
