import { get } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../../lib/proxy/audit-entry.ts';
import type { Rule } from '../../../lib/proxy/decision.ts';
import { ProxyScene } from '../server/scene.ts';

/** What a proxy is started with beside the scene's own: a policy, a resolver, a GitHub that answers in its own way. */
export type Setting = NonNullable<Parameters<typeof ProxyScene.start>[0]>;

/** Does something to a proxy as a process within its sandbox can, and resolves once it has been answered or cut off. */
export type Shot = (scene: ProxyScene) => Promise<unknown>;

/**
 * A way around the proxy, and the evidence that it is the rule that stops it.
 *
 * Each attack is two tests. In the first the shot goes through a real proxy, with a GitHub behind it that writes down
 * what reaches it, and another machine at the end of every tunnel: the rule has to be the one of the refusal in the
 * audit log, and none of the attack may have arrived anywhere. In the second the control has to succeed: nothing is
 * refused, and it arrives. The control is the same shot with the rule switched off (`under` alone: another policy, a
 * profile that allows the host, a resolver that tells the truth); or, where nothing switches the rule off, another
 * shot: the same without what offends. So no attack is refused because of a slip in how it was written down.
 */
export interface Attack {
  /** What the attacker does; the test's name goes on with "is refused". */
  readonly title: string;
  readonly shot: Shot;
  /** That of the refusal; `closed` where the connection is cut before there is a request to decide. */
  readonly rule: Rule | 'closed';
  /** A part of the reason, where the rule could be that of a mishap too. */
  readonly reason?: string;
  readonly control: { readonly shot?: Shot; readonly under?: Setting | (() => Setting) };
  /** What the attack is made under, where it is not a proxy with `POLICY`; a function where it holds state. */
  readonly under?: Setting | (() => Setting);
  /** Harmless requests of the shot that arrive before the attack; 0. */
  readonly before?: number;
}

/** The public machine that every tunnel leads to: writes down what it gets, and answers with something. */
class FarEnd {
  readonly received: Buffer[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#server = createServer((socket) => {
      this.#keep(socket);
      socket.on('data', (chunk: Buffer) => {
        this.received.push(chunk);
        socket.write('\x15\x03\x03\x00\x02\x02\x28');
      });
    });
  }

  static async start(): Promise<FarEnd> {
    const end = new FarEnd();
    await new Promise<void>((listening) => end.#server.listen(0, '127.0.0.1', listening));
    return end;
  }

  readonly connect = (): Socket => {
    const { port } = this.#server.address() as AddressInfo;
    return this.#keep(connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
  };

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((closed) => this.#server.close(closed));
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    return socket.on('error', () => undefined);
  }
}

interface Outcome {
  readonly denied: readonly AuditEntry[];
  /** Lines of what was let through, and answered. */
  readonly answered: readonly AuditEntry[];
  /** One line for each request that reached GitHub, and for each piece that reached the end of a tunnel. */
  readonly arrived: readonly string[];
}

const PUBLIC = [{ address: '140.82.121.3', family: 4 }];

const SENTINEL = '/what-was-on-its-way-has-arrived-before-this';

/** The proxy, its GitHub and this test are one process: what the proxy has sent arrives before what is sent after it. */
const settled = ({ upstream }: ProxyScene): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const request = get(`${upstream}${SENTINEL}`, { agent: false }, (answer) => {
      answer.once('close', resolve).resume();
    });
    request.once('error', reject);
  });

const fire = async (shot: Shot, under: Attack['under'] = {}): Promise<Outcome> => {
  const far = await FarEnd.start();
  const setting = typeof under === 'function' ? under() : under;
  const scene = await ProxyScene.start({ connect: far.connect, lookup: async () => PUBLIC, ...setting });
  try {
    await shot(scene);
    await settled(scene);
    const asked = scene.seen.filter(
      // What the proxy asks by itself, before it decides, is no part of the attack.
      ({ target, headers }) => target !== SENTINEL && headers['user-agent'] !== 'km-proxy',
    );
    return {
      denied: scene.audit.filter(({ verdict }) => verdict === 'denied'),
      answered: scene.audit.filter(({ verdict, status }) => verdict === 'allowed' && status !== undefined),
      arrived: [
        ...asked.map(({ method, host, target }) => `${method} ${host}${target}`),
        ...far.received.map((bytes) => `tunnel: ${bytes.length} bytes`),
      ],
    };
  } finally {
    await scene[Symbol.asyncDispose]();
    await far.close();
  }
};

const refuses = async ({ shot, rule, reason = '', under, before = 0 }: Attack): Promise<void> => {
  const { denied, answered, arrived } = await fire(shot, under);
  expect(arrived).toHaveLength(before);
  if (rule === 'closed') expect(denied).toEqual([]);
  else {
    const expected = { rule, reason: expect.stringContaining(reason) };
    expect(denied).toEqual(expect.arrayContaining([expect.objectContaining(expected)]));
  }
  expect(answered.length).toBeLessThanOrEqual(before);
};

/** One outcome for a control that attacks share: by its shot, and what it is made under. */
const fired = new Map<Shot, Map<Attack['under'], Promise<Outcome>>>();

const firedOnce = (shot: Shot, under: Attack['under']): Promise<Outcome> => {
  const outcomes = fired.get(shot) ?? new Map<Attack['under'], Promise<Outcome>>();
  const outcome = outcomes.get(under) ?? fire(shot, under);
  fired.set(shot, outcomes.set(under, outcome));
  return outcome;
};

const succeeds = async ({ shot, under, before = 0, control }: Attack): Promise<void> => {
  const { denied, arrived } = await firedOnce(control.shot ?? shot, control.under ?? under);
  expect(denied.map(({ reason }) => reason)).toEqual([]);
  expect(arrived.length).toBeGreaterThan(control.shot ? 0 : before);
};

/** Two tests for each attack: that it is refused, and that its control is not. */
export const attacks = (theme: string, table: readonly Attack[]): void => {
  describe.concurrent(theme, () => {
    test.each(table)('$title is refused', refuses);
    test.each(table)('$title: its control succeeds', succeeds);
  });
};
