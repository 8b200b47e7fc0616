import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Asset } from '../assets.ts';
import { AwsError, type Cloud } from '../cloud.ts';
import { unzip } from './unzip.ts';

/** A function's code, unpacked: what `LAMBDA_TASK_ROOT` is. */
export interface FunctionCode {
  readonly directory: string;
  /** Base64, over the zip or over the files of a directory. */
  readonly sha256: string;
  readonly size: number;
}

/** The `Code` of CreateFunction, and the same members of UpdateFunctionCode. */
export interface CodeSource {
  readonly ZipFile?: string;
  readonly S3Bucket?: string;
  readonly S3Key?: string;
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValueException', message);

const keep = (cloud: Cloud, hash: Buffer, size: number, write: (directory: string) => void): FunctionCode => {
  const codes = join(cloud.stateDir, 'lambda', 'code');
  const directory = join(codes, hash.toString('hex'));
  if (!existsSync(directory)) {
    mkdirSync(codes, { recursive: true, mode: 0o700 });
    const partial = `${directory}.partial`;
    rmSync(partial, { recursive: true, force: true });
    write(partial);
    renameSync(partial, directory);
  }
  return { directory, sha256: hash.toString('base64'), size };
};

const fromZip = (cloud: Cloud, zip: Buffer): FunctionCode =>
  keep(cloud, createHash('sha256').update(zip).digest(), zip.length, (directory) => unzip(zip, directory));

const fromDirectory = (cloud: Cloud, source: string): FunctionCode => {
  const hash = createHash('sha256');
  let size = 0;
  for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(source, name);
    if (!statSync(path).isFile()) continue;
    const content = readFileSync(path);
    size += content.length;
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return keep(cloud, hash.digest(), size, (directory) =>
    cpSync(source, directory, { recursive: true, dereference: true }),
  );
};

/**
 * Takes a function's code into the state directory, so that it stays as it was when it was deployed: from a zip in the
 * request, or from an asset that stands for an object of S3.
 *
 * Throws InvalidParameterValueException.
 */
export function functionCode(cloud: Cloud, source: CodeSource): FunctionCode {
  if (source.ZipFile !== undefined) return fromZip(cloud, Buffer.from(source.ZipFile, 'base64'));
  if (source.S3Bucket === undefined || source.S3Key === undefined) {
    throw invalid('Please provide a source for function code.');
  }
  const asset = cloud.table<Asset>('assets').get(`${source.S3Bucket}/${source.S3Key}`);
  if (asset === undefined) {
    throw invalid(
      'Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist. ' +
        `(${source.S3Bucket}/${source.S3Key}: put it as an asset of the local cloud)`,
    );
  }
  return asset.directory === undefined
    ? fromZip(cloud, readFileSync(asset.zip ?? ''))
    : fromDirectory(cloud, asset.directory);
}
