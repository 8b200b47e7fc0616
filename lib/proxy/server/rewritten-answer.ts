import type { IncomingMessage } from 'node:http';
import { allowsRepo, type ProxyPolicy } from '../proxy-policy.ts';

const LONGEST_ANSWER = 16 * 1024 * 1024;

/** The whole body of an answer. Rejects when it breaks off, or is longer than 16 MiB. */
export const wholeAnswer = async (answer: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer) {
    length += (chunk as Buffer).length;
    if (length > LONGEST_ANSWER) throw new TypeError('An answer that has to be looked into is too long.');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
};

const isRepository = (value: unknown): value is { readonly full_name: string } =>
  typeof (value as { full_name?: unknown } | null)?.full_name === 'string';

/**
 * Cuts a list of the token's repositories down to those that the policy names.
 *
 * @see https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-app-installation
 */
export const onlyAllowedRepositories = (body: Buffer, policy: ProxyPolicy): Buffer => {
  const list = JSON.parse(body.toString('utf8')) as { readonly repositories?: readonly unknown[] };
  const repositories = (list.repositories ?? []).filter(
    (entry) => isRepository(entry) && allowsRepo(policy, entry.full_name.toLowerCase()),
  );
  return Buffer.from(JSON.stringify({ ...list, total_count: repositories.length, repositories }));
};
