import type { IncomingMessage } from 'node:http';
import { GitHubError } from '../github-error.ts';

const LONGEST_BODY = 50 * 1024 * 1024;

/** The JSON object in a request's body, or an empty one without a body. Throws GitHubError 400 or 413. */
export const readJsonBody = async (request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_BODY) throw new GitHubError(413, 'Request Entity Too Large');
    chunks.push(chunk);
  }
  if (length === 0) return {};
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    throw new GitHubError(400, 'Problems parsing JSON');
  }
  throw new GitHubError(400, 'Body should be a JSON object');
};
