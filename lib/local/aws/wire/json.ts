import { AwsError } from '../cloud.ts';

/** JSON as AWS writes it: a Date is its epoch seconds, bytes are base64. */
export const encodeJson = (value: unknown): string =>
  JSON.stringify(value ?? {}, function (key, plain) {
    const raw = key === '' ? plain : this[key];
    if (raw instanceof Date) return raw.getTime() / 1000;
    return Buffer.isBuffer(raw) ? raw.toString('base64') : plain;
  });

/** A JSON body, which must be an object; an empty body is `{}`. */
export const decodeJson = (body: Buffer): Record<string, unknown> => {
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new AwsError('SerializationException', 'The request body is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AwsError('SerializationException', 'The request body is no JSON object');
  }
  return value as Record<string, unknown>;
};
