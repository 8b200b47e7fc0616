import { createHash } from 'node:crypto';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { AwsError, type Cloud } from './cloud.ts';
import { decodeJson } from './wire/json.ts';

/** Where the code of a function lies, as the table `assets` holds it by `bucket/key`: one of the two. */
export interface Asset {
  /** An unpacked folder, absolute. */
  readonly directory?: string;
  /** A zip file, absolute. */
  readonly zip?: string;
}

/** Keeps an asset: the bytes of a zip, or JSON `{"directory": "/absolute"}`. Stands in for the asset bucket of S3. */
export const putAsset = (cloud: Pick<Cloud, 'table' | 'stateDir'>, name: string, body: Buffer): Asset => {
  if (!/^[\w.-]+\/[\w.!*'()/-]+$/.test(name))
    throw new AwsError('ValidationException', `'${name}' is not bucket/key`);
  const asset = body[0] === 0x7b ? folder(body) : zip(cloud.stateDir, body);
  cloud.table<Asset>('assets').set(name, asset);
  return asset;
};

const folder = (body: Buffer): Asset => {
  const { directory } = decodeJson(body);
  if (
    typeof directory !== 'string' ||
    !isAbsolute(directory) ||
    !statSync(directory, { throwIfNoEntry: false })?.isDirectory()
  ) {
    throw new AwsError('ValidationException', `'${directory}' is no absolute path of a folder`);
  }
  return { directory };
};

const zip = (stateDir: string, body: Buffer): Asset => {
  if (body.subarray(0, 2).toString() !== 'PK')
    throw new AwsError('ValidationException', 'The asset is no zip file');
  const folder = join(stateDir, 'assets');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${createHash('sha256').update(body).digest('hex')}.zip`);
  writeFileSync(file, body, { mode: 0o600 });
  return { zip: file };
};
