import { describe, expect, test } from 'vitest';
import { KmError } from '../../lib/errors.ts';
import { gitHubHost } from '../../lib/github/hosts.ts';

describe('a GitHub host', () => {
  test.each([
    [undefined, 'github.com', 'https://api.github.com'],
    ['', 'github.com', 'https://api.github.com'],
    ['GitHub.com\n', 'github.com', 'https://api.github.com'],
    ['github.example.com', 'github.example.com', 'https://github.example.com/api/v3'],
    ['github.example.com:8443', 'github.example.com:8443', 'https://github.example.com:8443/api/v3'],
    ['Acme.ghe.com', 'acme.ghe.com', 'https://api.acme.ghe.com'],
  ])('%j has its REST base', (given, host, apiUrl) => {
    expect(gitHubHost(given === undefined ? {} : { host: given })).toEqual({ host, apiUrl });
  });

  test.each([
    'https://github.com',
    'github.com/api',
    'user@github.com',
    'github.com:x',
    'github',
    'git hub.com',
    'github.com\nevil.test',
    'github.com#',
    'evil.test?x=github.com',
    '-a.test',
    'ghe.com',
    'a.b.ghe.com',
    'api.github.com',
    'www.github.com',
  ])('%j is refused', (host) => {
    expect(() => gitHubHost({ host })).toThrow(expect.objectContaining({ code: 'ErrGitHubBadHost' }));
  });

  test.each([
    ['https://ghe.example.com/api/v3/', 'https://ghe.example.com/api/v3'],
    ['http://127.0.0.1:3000/api/v3', 'http://127.0.0.1:3000/api/v3'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://[::1]:3000/', 'http://[::1]:3000'],
  ])('may be overridden by %s', (apiUrl, base) => {
    expect(gitHubHost({ host: 'github.com', apiUrl })).toEqual({ host: 'github.com', apiUrl: base });
  });

  test.each([
    'http://api.github.com',
    'http://127.0.0.1.evil.test',
    'http://localhost.evil.test',
    'http://evil.test/127.0.0.1',
    'ftp://127.0.0.1',
    'file:///etc/passwd',
    'https://api.github.com?x',
    'https://api.github.com#x',
    'no url',
  ])('is not overridden by %s', (apiUrl) => {
    expect(() => gitHubHost({ apiUrl })).toThrow(expect.objectContaining({ code: 'ErrGitHubBadHost' }));
  });

  test('that is overridden with a password is refused without telling it', () => {
    const refused = (() => {
      try {
        return gitHubHost({ apiUrl: 'https://user:hunter2@api.github.com' });
      } catch (error) {
        return error;
      }
    })();
    expect(refused).toBeInstanceOf(KmError);
    expect((refused as KmError).message).toBe(
      "'https://api.github.com' must have no user, query or fragment",
    );
  });
});
