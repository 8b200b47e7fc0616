import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type Picture, readPng } from './png.ts';

/** Where Chromium is, if it is installed. */
export const chromium: string | undefined = ['chromium', 'chromium-browser', 'google-chrome']
  .flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)))
  .find((file) => existsSync(file));

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--window-size=1000,900',
  '--remote-debugging-pipe',
];

type Fields = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Fields;
  readonly result?: Fields;
  readonly error?: { readonly message: string };
}

/** One node of the accessibility tree: what a screen reader is told. */
export interface Spoken {
  readonly role: string;
  readonly name: string;
}

/**
 * A headless Chromium with a profile of its own, driven by the DevTools protocol over a pipe.
 * @see https://chromedevtools.github.io/devtools-protocol/
 */
export class Browser {
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #events = new Map<string, ((message: Message) => void)[]>();
  #lastId = 0;

  private constructor(child: ChildProcess, profile: string) {
    this.#child = child;
    this.#profile = profile;
    let rest = '';
    (child.stdio[4] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
      const messages = (rest + chunk).split('\0');
      rest = messages.pop() ?? '';
      for (const message of messages) this.#take(JSON.parse(message) as Message);
    });
  }

  static async launch(): Promise<Browser> {
    if (chromium === undefined) throw new Error('no Chromium');
    const profile = await mkdtemp(join(tmpdir(), 'km-chromium-'));
    const child = spawn(chromium, [...FLAGS, `--user-data-dir=${profile}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    return new Browser(child, profile);
  }

  #take(message: Message): void {
    if (message.id !== undefined) {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    }
    for (const listener of this.#events.get(`${message.sessionId} ${message.method}`) ?? [])
      listener(message);
  }

  send(method: string, params: Fields = {}, sessionId?: string): Promise<Fields> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<Fields>((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result ?? {});
      });
    });
    const message = { id, method, params, ...(sessionId === undefined ? {} : { sessionId }) };
    (this.#child.stdio[3] as Writable).write(`${JSON.stringify(message)}\0`);
    return answer;
  }

  on(sessionId: string, method: string, listener: (params: Fields) => void): void {
    const name = `${sessionId} ${method}`;
    const listeners = this.#events.get(name) ?? [];
    this.#events.set(name, [...listeners, ({ params }) => listener(params ?? {})]);
  }

  /** A new tab. */
  async newTab(scheme: 'light' | 'dark' = 'light'): Promise<Tab> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    return Tab.open(this, String(sessionId), scheme);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    if (this.#child.exitCode === null) {
      this.send('Browser.close').catch(() => undefined);
      await Promise.race([gone, delay(5_000).then(() => this.#child.kill('SIGKILL'))]);
      await gone;
    }
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** One tab, used as a person does: by what can be seen, clicked and typed. */
export class Tab {
  /** What the page complained about on its console: refused by its policy, and the like. */
  readonly complaints: string[] = [];

  readonly #browser: Browser;
  readonly #session: string;

  private constructor(browser: Browser, session: string) {
    this.#browser = browser;
    this.#session = session;
  }

  static async open(browser: Browser, session: string, scheme: 'light' | 'dark'): Promise<Tab> {
    const tab = new Tab(browser, session);
    browser.on(session, 'Log.entryAdded', ({ entry }) => {
      const { level, text } = entry as { level: string; text: string };
      if (level === 'error' || level === 'warning') tab.complaints.push(text);
    });
    for (const domain of ['Page', 'Runtime', 'Log', 'Accessibility']) await tab.#send(`${domain}.enable`);
    const features = [{ name: 'prefers-color-scheme', value: scheme }];
    await tab.#send('Emulation.setEmulatedMedia', { features });
    return tab;
  }

  #send(method: string, params: Fields = {}): Promise<Fields> {
    return this.#browser.send(method, params, this.#session);
  }

  async #loaded(begin: () => Promise<unknown>): Promise<void> {
    const loaded = new Promise<void>((resolve) => {
      this.#browser.on(this.#session, 'Page.loadEventFired', () => resolve());
    });
    await begin();
    await loaded;
  }

  /** A tab behind another draws nothing. */
  #toFront(): Promise<unknown> {
    return this.#send('Page.bringToFront');
  }

  goTo(url: string): Promise<void> {
    return this.#loaded(() => this.#send('Page.navigate', { url }));
  }

  /** Makes the window so big, in pixels. */
  async resize(width: number, height: number): Promise<void> {
    await this.#send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: false,
    });
  }

  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', {
      expression,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return (result as { value: T }).value;
  }

  url(): Promise<string> {
    return this.evaluate('location.href');
  }

  /** What a reader sees. */
  text(): Promise<string> {
    return this.evaluate('document.body.innerText');
  }

  /** Where an element stands, in pixels of the screenshot. */
  box(selector: string): Promise<{ x: number; y: number; width: number; height: number }> {
    return this.evaluate(
      `(({x,y,width,height}) => ({x,y,width,height}))(document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect())`,
    );
  }

  /** Clicks the element with the mouse, where it is seen, and waits for the next page. */
  async click(selector: string): Promise<void> {
    await this.#toFront();
    const element = `document.querySelector(${JSON.stringify(selector)})`;
    await this.evaluate(`${element}.scrollIntoView({block:'center'})`);
    const { x, y, width, height } = await this.box(selector);
    const point = { x: x + width / 2, y: y + height / 2, button: 'left', clickCount: 1 };
    await this.#loaded(async () => {
      await this.#send('Input.dispatchMouseEvent', { type: 'mousePressed', ...point });
      await this.#send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...point });
    });
  }

  /** Presses Tab until the element has the focus, at most 20 times. */
  async tabTo(selector: string): Promise<void> {
    const key = { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 };
    await this.#toFront();
    for (let pressed = 0; pressed < 20; pressed += 1) {
      await this.#send('Input.dispatchKeyEvent', { type: 'keyDown', ...key });
      await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', ...key });
      if (await this.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)})`)) return;
    }
    throw new Error(`the keyboard does not reach ${selector}`);
  }

  /** Presses Enter and waits for the next page. */
  pressEnter(): Promise<void> {
    const key = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' };
    return this.#loaded(async () => {
      await this.#send('Input.dispatchKeyEvent', { type: 'keyDown', ...key });
      await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', ...key });
    });
  }

  /** Puts a text into a field in the place of what is there. */
  async fill(selector: string, text: string): Promise<void> {
    await this.evaluate(`document.querySelector(${JSON.stringify(selector)}).select()`);
    await this.#send('Input.insertText', { text });
  }

  async screenshot(): Promise<Picture> {
    await this.#toFront();
    await this.evaluate('scrollTo(0,0)');
    const { data } = await this.#send('Page.captureScreenshot', { format: 'png' });
    return readPng(Buffer.from(String(data), 'base64'));
  }

  /** Everything that a screen reader is told, in order, but for bare text. */
  async spoken(): Promise<Spoken[]> {
    const { nodes } = (await this.#send('Accessibility.getFullAXTree')) as unknown as {
      nodes: { ignored: boolean; role?: { value: string }; name?: { value: string } }[];
    };
    return nodes
      .filter(({ ignored }) => !ignored)
      .map(({ role, name }) => ({ role: role?.value ?? '', name: name?.value ?? '' }))
      .filter(({ role }) => role !== 'StaticText' && role !== 'InlineTextBox');
  }
}
