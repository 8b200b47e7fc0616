import { createHash, timingSafeEqual } from 'node:crypto';
import { madePage } from './setup-page.ts';
import {
  answeredAlready,
  noCode,
  nothingHere,
  notStored,
  notThisBrowser,
  openElsewhere,
  otherState,
  type PageReply,
} from './setup-refusals.ts';

/** What the browser is sent on to once GitHub's code has been taken. */
export interface TakenCode {
  readonly name: string;
  readonly installUrl: string;
}

export interface PageRequest {
  /** 0: with the name that was asked for; each further number has another name. */
  readonly attempt: number;
  /** What GitHub is to send back beside its code. */
  readonly state: string;
  readonly nonce: string;
}

export interface SetupFlowOptions<Taken extends TakenCode> {
  readonly randomBytes: (count: number) => Uint8Array;
  readonly page: (request: PageRequest) => string;
  /** Takes GitHub's code, once; what it throws is shown on the page, and ends `taken`. */
  readonly onCode: (code: string) => Promise<Taken>;
}

/** A GET of this server's own origin. */
export interface SetupRequest {
  readonly url: URL;
  /** The value of the flow's cookie. */
  readonly cookie: string | undefined;
  /** For the reply's style. */
  readonly nonce: string;
}

export type SetupReply =
  | PageReply
  /** The value for the flow's cookie, where the browser is let in. */
  | { readonly location: string; readonly cookie?: string };

export interface SetupFlow<Taken> {
  /** Path of the address that lets one browser in. */
  readonly entry: string;
  readonly answer: (request: SetupRequest) => Promise<SetupReply>;
  /** What became of GitHub's code, once it came. */
  readonly outcome: () => { readonly taken: Taken } | { readonly error: unknown } | undefined;
}

const SECRET_BYTES = 32;
const CODE = /^[A-Za-z0-9_-]{8,200}$/;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** In a time that tells nothing about the secret. */
const isSecret = (given: string | undefined, secret: string): boolean =>
  timingSafeEqual(digest(given ?? ''), digest(secret));

/** A query parameter that is there once. */
const only = (url: URL, name: string): string | undefined => {
  const values = url.searchParams.getAll(name);
  return values.length === 1 ? values[0] : undefined;
};

const attemptOf = (url: URL): number => {
  const text = only(url, 'name') ?? '';
  return /^[1-9]\d?$/.test(text) ? Number(text) : 0;
};

/**
 * What the set-up's page answers, apart from HTTP. The printed address lets the first browser in, which gets a cookie
 * for the rest: whoever reads the address in a list of processes comes too late. GitHub's answer counts when it comes
 * in that browser with this run's state, and it counts once.
 */
export const setupFlow = <Taken extends TakenCode>(options: SetupFlowOptions<Taken>): SetupFlow<Taken> => {
  const secret = (): string => Buffer.from(options.randomBytes(SECRET_BYTES)).toString('base64url');
  const [entry, session, state] = [`/start/${secret()}`, secret(), secret()];
  let entered = false;
  let asked = false;
  let outcome: { readonly taken: Taken } | { readonly error: unknown } | undefined;

  const enter = (isKnown: boolean, nonce: string): SetupReply => {
    if (isKnown) return { location: '/' };
    if (entered) return openElsewhere(nonce);
    entered = true;
    return { location: '/', cookie: session };
  };

  const takeCode = async (url: URL, nonce: string): Promise<SetupReply> => {
    const code = only(url, 'code');
    if (!isSecret(only(url, 'state'), state)) return otherState(url.origin, nonce);
    if (code === undefined || !CODE.test(code)) return noCode(url.origin, nonce);
    if (asked) return answeredAlready(nonce);
    asked = true;
    try {
      const taken = await options.onCode(code);
      outcome = { taken };
      return { location: taken.installUrl };
    } catch (error) {
      outcome = { error };
      return notStored(error, nonce);
    }
  };

  const answer = async ({ url, cookie, nonce }: SetupRequest): Promise<SetupReply> => {
    const isKnown = isSecret(cookie, session);
    if (isSecret(url.pathname, entry)) return enter(isKnown, nonce);
    if (url.pathname !== '/' && url.pathname !== '/callback') return nothingHere(nonce);
    if (!isKnown) return notThisBrowser(nonce);
    const isCallback = url.pathname === '/callback';
    if (outcome !== undefined && 'taken' in outcome) {
      return { status: isCallback ? 409 : 200, page: madePage({ ...outcome.taken, nonce }) };
    }
    if (isCallback) return takeCode(url, nonce);
    return asked
      ? answeredAlready(nonce)
      : { status: 200, page: options.page({ attempt: attemptOf(url), state, nonce }) };
  };

  return { entry, answer, outcome: () => outcome };
};
