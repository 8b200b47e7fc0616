import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RefUpdate } from '../../guard/decide-push.ts';
import type { AuditEntry } from '../audit-entry.ts';
import type { Refusal, Rule } from '../decision.ts';
import type { ProxyPolicy } from '../proxy-policy.ts';
import { answerRefusal } from './answer-refusal.ts';

const LONGEST_PATH = 200;
/** Of a refusal: one push can name thousands of refs, and so put the log's older lines aside with a few requests. */
const MOST_REFUSED_REFS = 50;
const LONGEST_REASON = 1_000;

const cut = (reason: string): string =>
  reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)}...` : reason;

export interface ExchangeOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** As the client named it. */
  readonly host: string;
  /** In origin form. */
  readonly target: string;
  /** In force when the request came. */
  readonly policy: ProxyPolicy;
  readonly now: () => number;
  readonly write: (entry: AuditEntry) => void;
}

/** One request and its answer: counts what goes through, and writes one line of the audit log when it is over. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly host: string;
  readonly target: string;
  readonly policy: ProxyPolicy;
  readonly #started: number;
  readonly #bytes = { sent: 0, received: 0 };
  #rule: Rule = 'http';
  #refusal: Refusal | undefined;
  #repo: string | undefined;
  #refs: readonly RefUpdate[] | undefined;
  #isOver = false;

  constructor({ request, response, host, target, policy, now, write }: ExchangeOptions) {
    this.request = request;
    this.response = response;
    this.method = request.method ?? '';
    this.host = host;
    this.target = target;
    this.policy = policy;
    this.#started = now();
    response.once('close', () => {
      this.#isOver = true;
      write(this.#entry(now()));
    });
  }

  /** Whether its line is written: nothing may be done any more that would have to stand there. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Without the query. */
  get path(): string {
    return this.target.split('?', 1)[0] ?? '';
  }

  countSent(bytes: number): void {
    this.#bytes.sent += bytes;
  }

  countReceived(bytes: number): void {
    this.#bytes.received += bytes;
  }

  /** Notes what lets the request through; a refusal that comes after it stands all the same. */
  admit(rule: Rule, repo?: string): void {
    this.#rule = rule;
    this.#repo = repo;
  }

  moves(refs: readonly RefUpdate[]): void {
    this.#refs = refs;
  }

  /** Notes a refusal that is answered in a protocol of its own. What is left of the body is read, and thrown away. */
  deny(refusal: Refusal): void {
    this.#refusal = refusal;
    // A client that is still sending would not read the answer.
    this.request.unpipe();
    this.request.resume();
  }

  /** Tells the client that the answer to a request that was let through is lost: what it asked for may be done. */
  lose(loss: Refusal): void {
    this.request.unpipe();
    this.request.resume();
    answerRefusal(this.response, loss, { path: this.path, isLast: true });
  }

  /** Refuses the request; where the answer has begun already, it is cut. */
  refuse(refusal: Refusal, { isLast = false } = {}): void {
    this.deny(refusal);
    if (this.response.headersSent) {
      this.response.destroy();
      return;
    }
    answerRefusal(this.response, refusal, { path: this.path, isLast });
  }

  #entry(now: number): AuditEntry {
    const refusal = this.#refusal;
    const repo = refusal?.repo ?? this.#repo;
    const refs = refusal?.refs?.slice(0, MOST_REFUSED_REFS) ?? this.#refs;
    const { statusCode, headersSent } = this.response;
    return {
      time: new Date(this.#started).toISOString(),
      sandbox: this.policy.sandbox,
      method: this.method,
      host: this.host,
      path: this.path.slice(0, LONGEST_PATH),
      ...(repo === undefined ? {} : { repo }),
      ...(refs === undefined ? {} : { refs: refs.map(({ ref, oldId, newId }) => ({ ref, oldId, newId })) }),
      verdict: refusal ? 'denied' : 'allowed',
      rule: refusal?.rule ?? this.#rule,
      ...(refusal ? { reason: cut(refusal.reason) } : {}),
      ...(headersSent ? { status: statusCode } : {}),
      bytes: { ...this.#bytes },
      ms: now - this.#started,
    };
  }
}
