import { isUtf8 } from 'node:buffer';
import type { Refusal } from '../decision.ts';
import { isRefName, REPLACEMENTS } from './is-ref-name.ts';
import { parseCapabilities } from './parse-capabilities.ts';
import { LONGEST_PACKET, packetLength } from './pkt-line.ts';
import type {
  ObjectFormat,
  PushCommand,
  ReceivePackProgress,
  ReceivePackRequest,
} from './receive-pack-request.ts';

/** Bytes that a push may have before its pack. */
export const LONGEST_PUSH_HEAD = 1_048_576;

const MORE: ReceivePackProgress = { state: 'more' };
const NO_OBJECT = /^0+$/;
const ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const COMMAND = /^([0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}) ([0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}) (.+)$/s;
const PACK = Buffer.from('PACK', 'latin1');
const NEWLINE = 0x0a;

/** Thrown within the reader only, so that every check may end the reading. */
class Malformed {
  readonly what: string;
  readonly status: number;

  constructor(what: string, status = 400) {
    this.what = what;
    this.status = status;
  }
}

const shown = (text: string): string => text.slice(0, 100).replace(/[\p{C}\p{Z}']/gu, '?');

const refusalOf = ({ what, status }: Malformed): Refusal => ({
  allowed: false,
  rule: 'push-format',
  status,
  reason: `[km] Push denied -- ${what}`,
  remedy:
    status === 413
      ? 'Push fewer refs at once.'
      : 'Push with git, or with a client that sends what git sends; signed pushes are not supported.',
});

const chomped = (payload: Buffer): Buffer => (payload.at(-1) === NEWLINE ? payload.subarray(0, -1) : payload);

const textOf = (bytes: Buffer, what: string): string => {
  if (!isUtf8(bytes)) throw new Malformed(`${what} is not UTF-8`);
  return bytes.toString('utf8');
};

/**
 * Reads what a push says before its pack, as `git receive-pack` does, but in one way only: what git would overlook, or
 * read in a way of its own, is refused. Takes the body as it comes, in any chunks.
 *
 * A push with a pack is complete once the pack has begun; one without at the end of the body, of which it must be all.
 *
 * {@link https://git-scm.com/docs/gitprotocol-pack#_reference_update_request_and_packfile_transfer}
 */
export class ReceivePackReader {
  #bytes = Buffer.alloc(4_096);
  #length = 0;
  #at = 0;
  #section: 'commands' | 'options' | 'pack' | 'nothing' = 'commands';
  #outcome = MORE;
  #idLength: number | undefined;
  #capabilities: ReadonlySet<string> = new Set();
  readonly #commands: PushCommand[] = [];
  readonly #refs = new Set<string>();
  readonly #pushOptions: string[] = [];
  readonly #shallow: string[] = [];

  /** Takes the next bytes of the body. Once the outcome is not `more`, it stays, and further bytes are not taken. */
  push(chunk: Buffer): ReceivePackProgress {
    return this.#advance(() => {
      this.#append(chunk);
      while (this.#readSection());
    });
  }

  /** Says that the body ends here. */
  end(): ReceivePackProgress {
    return this.#advance(() => {
      if (this.#section !== 'nothing') throw new Malformed('it ends before it is complete');
      this.#complete();
    });
  }

  /** Every byte that was taken: the head, and the beginning of the pack. */
  taken(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #advance(step: () => void): ReceivePackProgress {
    if (this.#outcome.state !== 'more') return this.#outcome;
    try {
      step();
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.#outcome = { state: 'refused', refusal: refusalOf(error) };
    }
    return this.#outcome;
  }

  #append(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(length, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length = length;
  }

  /** Whether there is more to read in what has been taken. */
  #readSection(): boolean {
    const left = this.#length - this.#at;
    if (this.#section === 'nothing') {
      if (left > 0) throw new Malformed('something follows that git would not read');
      return false;
    }
    if (left < 4) return false;
    if (this.#section === 'pack') {
      if (!this.#bytes.subarray(this.#at, this.#at + 4).equals(PACK)) {
        throw new Malformed('what follows its commands is no pack');
      }
      this.#complete();
      return false;
    }
    return this.#readPacket(left);
  }

  #readPacket(left: number): boolean {
    const length = packetLength(this.#bytes, this.#at);
    if (length === undefined) throw new Malformed('a packet begins with no length');
    if (length > LONGEST_PACKET) throw new Malformed(`a packet has ${length} bytes, and git allows 65520`);
    if (length > 0 && length < 5) throw new Malformed(`a packet of length ${length} has no place in a push`);
    const end = this.#at + Math.max(length, 4);
    if (end > LONGEST_PUSH_HEAD) {
      throw new Malformed(`its commands take more than ${LONGEST_PUSH_HEAD} bytes`, 413);
    }
    if (left < length) return false;
    const payload = this.#bytes.subarray(this.#at + 4, end);
    this.#at = end;
    if (length === 0) this.#endSection();
    else if (this.#section === 'options') this.#readPushOption(chomped(payload));
    else this.#readCommandLine(chomped(payload));
    return true;
  }

  #endSection(): void {
    const hasOptions = this.#section === 'commands' && this.#capabilities.has('push-options');
    if (hasOptions && this.#commands.length > 0) this.#section = 'options';
    else this.#section = this.#hasPack() ? 'pack' : 'nothing';
  }

  #readCommandLine(line: Buffer): void {
    const isFirst = this.#commands.length === 0;
    const nul = line.indexOf(0);
    if (nul >= 0 && !isFirst) throw new Malformed('a later command has capabilities too');
    const command = textOf(nul < 0 ? line : line.subarray(0, nul), 'a command');
    if (command.startsWith('push-cert')) throw new Malformed('it is a signed push');
    if (command.startsWith('shallow ')) {
      if (nul >= 0) throw new Malformed('a shallow line has capabilities');
      this.#readShallow(command.slice('shallow '.length));
      return;
    }
    if (nul >= 0) this.#readCapabilities(line.toString('latin1', nul + 1));
    this.#readCommand(command);
  }

  #readShallow(id: string): void {
    if (!ID.test(id)) throw new Malformed('a shallow line names no object');
    if (this.#commands.length > 0) throw new Malformed('a shallow line follows a command');
    this.#checkIdLength(id);
    this.#shallow.push(id);
  }

  #readCapabilities(text: string): void {
    const capabilities = parseCapabilities(text);
    if (typeof capabilities === 'string') throw new Malformed(capabilities);
    this.#capabilities = capabilities;
  }

  #readCommand(line: string): void {
    const [, oldId = '', newId = '', ref = ''] = COMMAND.exec(line) ?? [];
    if (ref === '') throw new Malformed(`'${shown(line)}' is no command`);
    if (ref.startsWith(REPLACEMENTS)) throw new Malformed('a replacement makes one commit pass for another');
    if (!isRefName(ref)) throw new Malformed(`'${shown(ref)}' is no name of a ref`);
    if (this.#refs.has(ref)) throw new Malformed(`'${shown(ref)}' is pushed twice`);
    if (this.#commands.length === 0)
      this.#checkIdLength('0'.repeat(this.#objectFormat() === 'sha1' ? 40 : 64));
    this.#checkIdLength(oldId);
    this.#checkIdLength(newId);
    this.#refs.add(ref);
    this.#commands.push({ ref, oldId: oldId.toLowerCase(), newId: newId.toLowerCase() });
  }

  #readPushOption(option: Buffer): void {
    const text = textOf(option, 'a push option');
    if (/\p{Cc}/u.test(text)) throw new Malformed('a push option holds control characters');
    this.#pushOptions.push(text);
  }

  /** git takes SHA-1 for said when nothing is. */
  #objectFormat(): ObjectFormat {
    const named = [...this.#capabilities].find((capability) => capability.startsWith('object-format='));
    const format = named?.slice('object-format='.length) ?? 'sha1';
    if (format === 'sha1' || format === 'sha256') return format;
    throw new Malformed(`its object format ${shown(format)} is unknown`);
  }

  #checkIdLength({ length }: string): void {
    this.#idLength ??= length;
    if (length !== this.#idLength) throw new Malformed('its object ids are not all of one format');
  }

  #hasPack(): boolean {
    return this.#commands.some(({ newId }) => !NO_OBJECT.test(newId));
  }

  #complete(): void {
    const request: ReceivePackRequest = {
      commands: this.#commands,
      capabilities: this.#capabilities,
      objectFormat: this.#idLength === 64 ? 'sha256' : 'sha1',
      pushOptions: this.#pushOptions,
      shallow: this.#shallow,
      headLength: this.#at,
      hasPack: this.#hasPack(),
    };
    this.#outcome = { state: 'complete', request };
  }
}
