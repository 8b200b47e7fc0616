import { expect, test } from 'vitest';
import { lenientReading } from './lenient-reading.ts';
import { urlPolicy } from './url-policy.property.ts';

test(urlPolicy.title, () => {
  expect(() => urlPolicy.run(5_000)).not.toThrow();
});

test.each([
  ['github.com', '/acme/app/%252e%252e/other', 'acme/other'],
  ['github.com', '/acme/app;x/..\\other.git/info/refs', 'acme/other'],
  ['github.com', '//ACME//app.', 'acme/app'],
  ['api.github.com', '/repos/acme/%25252e%25252e/evil/app', 'evil/app'],
  ['ghe.example.com', '/%61pi/v3/repos/acme/app', 'acme/app'],
])('the lenient reading of %s%s, which the property measures by, is %s', (host, target, repo) => {
  expect(lenientReading(host, target).repo).toBe(repo);
});
