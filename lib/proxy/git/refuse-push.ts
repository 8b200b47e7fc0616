import type { PushDenial } from '../../guard/decide-push.ts';
import { FLUSH, packet } from './pkt-line.ts';
import type { ReceivePackRequest } from './receive-pack-request.ts';

/** What a ref is told that nothing speaks against but another ref of its push. */
const ANOTHER = '[km] not pushed: another ref of this push was denied';

/** Bytes of a message that a client is sent: a list of patterns may be longer than a packet. */
const LONGEST_MESSAGE = 4_096;

/** Payloads that a band of either width takes, its number apart. */
const WIDTHS = [
  ['side-band-64k', 65_515],
  ['side-band', 995],
] as const;

const oneLine = (message: string): string => {
  const line = message.replace(/\p{Cc}+/gu, ' ');
  if (Buffer.byteLength(line) <= LONGEST_MESSAGE) return line;
  // A character that is cut in two is left out by the decoder's stream mode.
  const cut = Buffer.from(line).subarray(0, LONGEST_MESSAGE - 3);
  return `${new TextDecoder('utf-8', { ignoreBOM: true }).decode(cut, { stream: true })}...`;
};

const inBand = (band: number, bytes: Buffer, width: number): Buffer => {
  const packets: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += width) {
    packets.push(packet(Buffer.concat([Buffer.of(band), bytes.subarray(at, at + width)])));
  }
  return Buffer.concat([...packets, FLUSH]);
};

/** Whether the client asked to be told what became of each ref; without it, only an HTTP status reaches its user. */
export const asksForReport = ({ capabilities }: Pick<ReceivePackRequest, 'capabilities'>): boolean =>
  capabilities.has('report-status') || capabilities.has('report-status-v2');

/**
 * The body of the answer (`application/x-git-receive-pack-result`, status 200) that refuses a push in git's own
 * protocol: every denied ref with its message, every other one because of them. git shows each as
 * `! [remote rejected] dev -> dev (message)` and exits with 1.
 *
 * A client that asked for no report gets the first message as the error of the side band, or as an error packet; its
 * answer should not have the status 200, see {@link asksForReport}.
 *
 * {@link https://git-scm.com/docs/gitprotocol-pack#_report_status}
 */
export const refusePush = (
  request: Pick<ReceivePackRequest, 'commands' | 'capabilities'>,
  denials: readonly PushDenial[],
): Buffer => {
  const { commands, capabilities } = request;
  const messages = new Map(denials.map(({ ref, message }) => [ref, oneLine(message)]));
  const width = WIDTHS.find(([capability]) => capabilities.has(capability))?.[1];
  if (!asksForReport(request)) {
    const [message = ANOTHER] = messages.values();
    return width === undefined ? packet(`ERR ${message}\n`) : inBand(3, Buffer.from(`${message}\n`), width);
  }
  const report = Buffer.concat([
    packet('unpack ok\n'),
    ...commands.map(({ ref }) => packet(`ng ${ref} ${messages.get(ref) ?? ANOTHER}\n`)),
    FLUSH,
  ]);
  return width === undefined ? report : inBand(1, report, width);
};
