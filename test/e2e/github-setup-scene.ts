import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppScene } from './app-scene.ts';
import type { Result } from './harness.ts';

/** A local GitHub on which nobody has made an App yet. */
export const NO_APP_SEED = `
accounts:
  - { login: my-user, type: User, repos: [my-repo] }
  - { login: my-org, type: Organization, repos: [another-repo, private-repo] }
app: none
`;

/** `km github` while it runs. */
export interface RunningSetup {
  /** The address that it prints. */
  readonly url: string;
  /** Sends it a signal. */
  kill(signal: NodeJS.Signals): void;
  /** Resolves once it has said this. */
  said(text: string | RegExp): Promise<void>;
  readonly ended: Promise<Result>;
}

const ADDRESS = /Open in your browser: (http:\/\/127\.0\.0\.1:\d+\/start\/[\w-]+)/;

/** Runs `km github --no-open` until it has printed its address; throws with what it said when it ends before. */
export async function startSetup(
  scene: AppScene,
  args: readonly string[] = [],
  command: readonly string[] = ['github'],
): Promise<RunningSetup> {
  const said = { all: '', kill: (_signal: NodeJS.Signals): void => undefined };
  const waiting = new Set<() => void>();
  const ended = scene.world.local([...command, '--no-open', ...args], {
    onOutput: (all, kill) => {
      Object.assign(said, { all, kill });
      for (const look of waiting) look();
    },
  });
  const saidThat = (text: string | RegExp): Promise<void> => {
    const heard = Promise.withResolvers<void>();
    const look = () => {
      if (typeof text === 'string' ? said.all.includes(text) : text.test(said.all)) heard.resolve();
    };
    waiting.add(look);
    look();
    const silent = ended.then(({ code, stdout, stderr }) => {
      throw new Error(`km github ended with ${code} before it said ${text}\n${stdout}${stderr}`);
    });
    return Promise.race([heard.promise, silent]).finally(() => waiting.delete(look));
  };
  await saidThat(ADDRESS);
  return {
    url: ADDRESS.exec(said.all)?.[1] ?? '',
    kill: (signal) => said.kill(signal),
    said: saidThat,
    ended,
  };
}

/** The Apps on GitHub, by slug. */
export const appsOnGitHub = async (scene: AppScene): Promise<string[]> => {
  const { apps } = await scene.onGitHub<{ apps: { slug: string }[] }>('GET', '');
  return apps.map(({ slug }) => slug);
};

/** As before any set-up: no App on GitHub, nothing stored, no fault. */
export const startOver = async (scene: AppScene): Promise<void> => {
  await scene.world.faults({});
  await scene.forget();
  for (const slug of await appsOnGitHub(scene)) await scene.onGitHub('DELETE', `/apps/${slug}`);
};

/** Installs an App on all repos of an account; returns the installation's id. */
export const installOn = async (scene: AppScene, account: string, slug: string): Promise<string> => {
  const body = { account, repositories: 'all' };
  const { id } = await scene.onGitHub<{ id: number }>('POST', `/installations?app=${slug}`, body);
  return String(id);
};

/** What the set-up keeps of itself on this machine. */
export const recoveryFiles = async ({ world }: AppScene): Promise<string[]> => {
  const folder = join(world.home, '.local', 'state', 'km');
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.startsWith('github-setup-')).map((name) => join(folder, name));
};

/** A page as fetched, with the first form on it. */
export interface FetchedPage {
  readonly status: number;
  readonly url: string;
  readonly body: string;
  readonly location: string | null;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const textOf = (html: string): string =>
  html.replace(/&(amp|lt|gt|quot|#39);/g, (_match, name: string) => ENTITIES[name] ?? '');

/** The first form of a page: where it goes, and its fields as they stand. */
export const formOf = ({ body, url }: FetchedPage): { action: string; fields: URLSearchParams } => {
  const form = /<form[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/.exec(body);
  if (!form) throw new Error(`no form on ${url}: ${body}`);
  const fields = new URLSearchParams();
  for (const [input] of (form[2] ?? '').matchAll(/<input[^>]*>/g)) {
    const attribute = (name: string) => textOf(new RegExp(`${name}="([^"]*)"`).exec(input)?.[1] ?? '');
    fields.append(attribute('name'), attribute('value'));
  }
  return { action: new URL(textOf(form[1] ?? ''), url).href, fields };
};

/** A browser without a screen: it follows no redirect by itself, and keeps km's cookie. */
export class PlainBrowser {
  #cookie = '';

  async get(url: string, headers: Record<string, string> = {}): Promise<FetchedPage> {
    return this.#ask(url, { headers });
  }

  async submit(page: FetchedPage, change: Readonly<Record<string, string>> = {}): Promise<FetchedPage> {
    const { action, fields } = formOf(page);
    for (const [name, value] of Object.entries(change)) fields.set(name, value);
    return this.#ask(action, { method: 'POST', body: fields });
  }

  /** Opens km's page by the address that it printed. */
  async open(url: string): Promise<FetchedPage> {
    const entry = await this.get(url);
    return entry.location === null ? entry : this.get(new URL(entry.location, url).href);
  }

  /** From km's page to GitHub's answer: the address that GitHub sends the browser back to. */
  async createOnGitHub(page: FetchedPage, name?: string): Promise<string> {
    const confirm = await this.submit(page);
    const created = await this.submit(confirm, name === undefined ? {} : { name });
    if (created.location === null) throw new Error(`GitHub made no App: ${created.body}`);
    return created.location;
  }

  async #ask(url: string, init: RequestInit): Promise<FetchedPage> {
    const isKm = /^http:\/\/127\.0\.0\.1:\d+\/(start\/|callback|\?|$)/.test(url);
    const headers = new Headers(init.headers);
    if (isKm && this.#cookie !== '') headers.set('cookie', this.#cookie);
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    const [cookie] = response.headers.getSetCookie();
    if (isKm && cookie !== undefined) this.#cookie = cookie.split(';')[0] ?? '';
    return {
      status: response.status,
      url,
      body: await response.text(),
      location: response.headers.get('location'),
    };
  }
}
