import { createHash } from 'node:crypto';

export const ZERO = '0'.repeat(40);

/** A packet, written here apart from the product's own. */
export const line = (text: string | Buffer): Buffer => {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
};

export const FLUSH = Buffer.from('0000');

const head = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1');

/** A pack of no objects. */
export const EMPTY_PACK = Buffer.concat([head, createHash('sha1').update(head).digest()]);

export interface Push {
  readonly commands: readonly (readonly [oldId: string, newId: string, ref: string])[];
  readonly capabilities?: string;
  readonly shallow?: readonly string[];
  readonly options?: readonly string[];
}

/** A push as git sends it, up to where the pack begins. */
export const pushHead = ({
  commands,
  capabilities = ' report-status',
  shallow = [],
  options,
}: Push): Buffer =>
  Buffer.concat([
    ...shallow.map((id) => line(`shallow ${id}`)),
    ...commands.map(([oldId, newId, ref], index) =>
      line(`${oldId} ${newId} ${ref}${index === 0 && capabilities !== '' ? `\0${capabilities}` : ''}`),
    ),
    FLUSH,
    ...(options ? [...options.map((option) => line(option)), FLUSH] : []),
  ]);
