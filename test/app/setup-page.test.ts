import { expect, test } from 'vitest';
import { buildManifest } from '../../lib/app/setup-manifest.ts';
import { madePage, problemPage, setupPage } from '../../lib/app/setup-page.ts';
import { COLOURS } from '../../lib/app/setup-page-layout.ts';
import { appPermissions } from '../../lib/app/setup-permissions.ts';

const HOSTILE = `"><script>alert(1)</script><a href='x`;

const pageOf = (name: string, more: { org?: string; webhookUrl?: string } = {}) =>
  setupPage({
    manifest: buildManifest({
      name,
      webUrl: 'https://github.com',
      redirectUrl: 'http://127.0.0.1:1/callback',
      permissions: appPermissions({ issues: 'write' }),
      ...more,
    }),
    action: 'https://github.com/settings/apps/new?state=a&b=c',
    host: 'github.com',
    platform: { account: '123456789012', region: 'eu-west-1', prefix: 'km' },
    other: { name: `${name}-2`, url: '/?name=1' },
    nonce: 'abc',
    ...(more.org === undefined ? {} : { org: more.org }),
  });

const plainText = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

test('the form posts the manifest, whole, to GitHub', () => {
  const page = pageOf('km-test');
  expect(page).toContain(
    '<form method="post" action="https://github.com/settings/apps/new?state=a&amp;b=c">',
  );
  const value = /name="manifest" value="([^"]*)"/.exec(page)?.[1] ?? '';
  expect(JSON.parse(plainText(value))).toMatchObject({ name: 'km-test', public: true });
});

test('it says what is made, for whom, where the key goes, and why each permission is asked', () => {
  const page = pageOf('km-test', { org: 'my-org' });
  for (const word of ['km-test', 'my-org', '123456789012', 'eu-west-1', 'No webhook'])
    expect(page).toContain(word);
  for (const name of ['contents', 'metadata', 'issues']) {
    expect(page).toMatch(
      new RegExp(`<th scope="row"><code>${name}</code></th><td>(read|write)</td><td>.{20,}</td>`),
    );
  }
  expect(page).not.toContain('<code>workflows</code>');
});

test('it has a language, a title, one heading, no script and nothing from outside', () => {
  const page = pageOf('km-test');
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
  expect(page).toMatch(/<title>[^<]+<\/title>/);
  expect(page.match(/<h1>/g)).toHaveLength(1);
  expect(page).not.toMatch(/<script|javascript:|@import|url\(|<img|src=/i);
});

test.each([
  ['the name of an App', pageOf(HOSTILE)],
  ['the organization', pageOf('km', { org: HOSTILE })],
  ['the webhook', pageOf('km', { webhookUrl: HOSTILE })],
  ['the name that GitHub gives back', madePage({ name: HOSTILE, installUrl: HOSTILE, nonce: 'n' })],
  ['an error', problemPage({ title: HOSTILE, message: HOSTILE, remedy: HOSTILE, nonce: 'n' })],
])('%s is text on the page and nothing else', (_what, page) => {
  expect(page).not.toContain('<script');
  expect(page).not.toMatch(/<a href='x/);
  expect(page).toContain('&lt;script&gt;');
});

const luminance = (colour: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

const contrast = (one: string, other: string): number => {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};

test.each(['light', 'dark'] as const)(
  'in %s, text has the contrast of WCAG AA on what it stands on',
  (scheme) => {
    const { page, card, text, soft, accent, warn, button, label } = COLOURS[scheme];
    for (const [ink, paper] of [
      [text, card],
      [soft, card],
      [soft, page],
      [accent, card],
      [warn, card],
      [label, button],
    ] as const) {
      expect(contrast(ink, paper)).toBeGreaterThanOrEqual(4.5);
    }
  },
);
