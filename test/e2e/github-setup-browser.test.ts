import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppScene } from './app-scene.ts';
import { Browser, chromium, type Tab } from './browser.ts';
import { NO_APP_SEED, type RunningSetup, startSetup } from './github-setup-scene.ts';
import { root } from './harness.ts';
import { brightness, type Picture } from './png.ts';

const profile = join(root, 'examples', 'profile.yaml');

/** How many pixels of an area stand out from the paper that they are on. */
const inkIn = (
  picture: Picture,
  box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): { readonly ink: number; readonly paper: number } => {
  const values: number[] = [];
  for (let y = Math.ceil(box.y); y < box.y + box.height; y += 1)
    for (let x = Math.ceil(box.x); x < box.x + box.width; x += 1) values.push(brightness(picture.at(x, y)));
  const paper = values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
  return { ink: values.filter((value) => Math.abs(value - paper) > 90).length, paper };
};

if (chromium === undefined) console.warn('Chromium is not installed: the set-up is not tested in a browser.');

describe.skipIf(chromium === undefined)('in Chromium', () => {
  let scene: AppScene;
  let browser: Browser;
  let setup: RunningSetup;
  let light: Tab;

  beforeAll(async () => {
    scene = await AppScene.start({ seed: NO_APP_SEED });
    browser = await Browser.launch();
    setup = await startSetup(scene, [
      '--name',
      'km in chromium',
      '--permissions',
      'review,workflow',
      '--json',
    ]);
    light = await browser.newTab('light');
    await light.goTo(setup.url);
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await scene[Symbol.asyncDispose]();
  });

  test('the page says what is made and why, and its address does not show what let the browser in', async () => {
    expect(await light.url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const text = await light.text();
    for (const word of [
      'Create the GitHub App for km',
      'km in chromium',
      'contents',
      'metadata',
      'pull_requests',
    ])
      expect(text).toContain(word);
    expect(text).not.toContain('checks');
  });

  test('a screen reader is told a title, a language, headings, a table with headings and a button', async () => {
    expect(await light.evaluate('document.documentElement.lang')).toBe('en');
    const spoken = await light.spoken();
    const namesOf = (role: string) => spoken.filter((node) => node.role === role).map(({ name }) => name);
    expect(namesOf('RootWebArea')).toEqual(['Create the GitHub App for km · km']);
    expect(namesOf('heading').toSorted()).toEqual([
      'Create the GitHub App for km',
      'If GitHub asks you to sign in',
      'If the name is taken',
    ]);
    expect(namesOf('main')).toHaveLength(1);
    expect(namesOf('table')).toEqual(['What the App may do, on the repositories it is installed on']);
    expect(namesOf('columnheader')).toEqual(['Permission', 'Level', 'Why']);
    expect(namesOf('rowheader')).toEqual(['contents', 'metadata', 'pull_requests', 'workflows']);
    expect(namesOf('button')).toEqual(['Create on GitHub']);
    expect(namesOf('link')).toEqual([expect.stringMatching(/^take km in chromium-[0-9a-f]{6} instead$/)]);
  });

  test('it is drawn: dark ink on light paper in the light, light ink on dark paper in the dark', async () => {
    const dark = await browser.newTab('dark');
    await dark.goTo(setup.url);
    for (const [tab, isDark] of [
      [light, false],
      [dark, true],
    ] as const) {
      const picture = await tab.screenshot();
      expect(picture.width).toBeGreaterThan(800);
      const page = brightness(picture.at(3, 3));
      const heading = inkIn(picture, await tab.box('h1'));
      const button = inkIn(picture, await tab.box('form button'));
      expect(page < 60).toBe(isDark);
      expect(page > 200).toBe(!isDark);
      expect(heading.paper < 80).toBe(isDark);
      expect(heading.ink).toBeGreaterThan(300);
      expect(button.ink).toBeGreaterThan(150);
    }
  });

  test('on a narrow screen nothing is cut off sideways', async () => {
    const narrow = await browser.newTab('light');
    await narrow.resize(360, 740);
    await narrow.goTo(setup.url);
    const sideways = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await narrow.evaluate(sideways)).toBe(0);
  });

  test('the keyboard reaches the button, and shows where it is', async () => {
    const before = await light.screenshot();
    await light.tabTo('form button');
    const { x, y, width } = await light.box('form button');
    const after = await light.screenshot();
    const ring = { x: x + width / 2, y: y - 4 };
    expect(after.at(ring.x, ring.y)).not.toEqual(before.at(ring.x, ring.y));
  });

  test('no policy of the page was broken on the way', () => {
    expect(light.complaints).toEqual([]);
  });

  test('a taken name is GitHub’s to tell; the way back has another that works', async () => {
    const tab = await browser.newTab('light');
    await tab.goTo(setup.url);
    await tab.click('form button');
    await tab.fill('#name', 'my-org');
    await tab.click('main button[type=submit]');
    expect(await tab.text()).toContain('Name has already been taken');
    await tab.goTo(new URL(setup.url).origin);
    await tab.click('a[href^="/?name="]');
    expect(await tab.text()).toMatch(/A GitHub App named km in chromium-[0-9a-f]{6}/);
  });

  test('with the keyboard alone: create, confirm, and on to the install page; then the installation', async () => {
    await light.pressEnter();
    expect(await light.text()).toContain('Signed in as my-user');
    expect(await light.evaluate('document.querySelector("#name").value')).toBe('km in chromium');
    await light.tabTo('main button[type=submit]');
    await light.pressEnter();
    expect(await light.url()).toMatch(/\/apps\/km-in-chromium\/installations\/new$/);
    await light.click('a[href*="target_id"]');
    await light.click('main button[type=submit]');
    expect(await light.url()).toContain('/installations/');

    const { code, stdout } = await setup.ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      app: { name: 'km in chromium' },
      installations: [{ account: 'my-user', permissions: { contents: 'write', pull_requests: 'write' } }],
    });
  });

  test('what the browser has set up creates sandboxes', async () => {
    await scene.onGitHub('POST', '/installations', { account: 'my-org', repositories: 'all' });
    const { id } = await scene.world.json<{ id: string }>(['create', profile]);
    expect(await scene.world.json(['describe', id])).toMatchObject({ health: 'healthy' });
    await scene.world.json(['destroy', id]);
  });
});
