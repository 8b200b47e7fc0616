import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { keyFingerprint } from '../../lib/github/key-fingerprint.ts';
import { PKCS1, PKCS8, publicKey } from './test-app.ts';

const openssl = (args: readonly string[], input: string | Buffer): Buffer =>
  execFileSync('openssl', [...args], { input, stdio: ['pipe', 'pipe', 'ignore'] });

test('a key has the fingerprint that GitHub’s own recipe computes, in either form and from either half', () => {
  const der = openssl(['rsa', '-pubout', '-outform', 'DER'], PKCS1);
  const digest = openssl(['sha256', '-binary'], der);
  const expected = `SHA256:${openssl(['base64'], digest).toString().trim()}`;
  expect(keyFingerprint(createPrivateKey(PKCS1))).toBe(expected);
  expect(keyFingerprint(createPrivateKey(PKCS8))).toBe(expected);
  expect(keyFingerprint(publicKey)).toBe(expected);
});
