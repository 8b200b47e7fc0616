import { KmError } from '../../lib/errors.ts';
import type { Runtime } from './invocation.ts';

const ATTEMPTS = 3;
const ATTEMPT_TIMEOUT_MS = 3_000;
const FIRST_DELAY_MS = 200;

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])$/;

/**
 * Where CloudFormation may be answered: https, or with `loopback` http on loopback too. On Lambda that is off, since
 * the runtime's own API listens there.
 */
export const isResponseUrl = (
  value: unknown,
  { loopback }: { readonly loopback: boolean },
): value is string => {
  if (typeof value !== 'string') return false;
  const url = URL.parse(value);
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (loopback && url.protocol === 'http:' && LOOPBACK.test(url.hostname));
};

/**
 * Puts an answer to CloudFormation's presigned address, three times at most.
 *
 * @throws {KmError} `ErrAws` when it is not taken; the address is a credential and is not named.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 */
export const sendStackAnswer = async (runtime: Runtime, responseUrl: string, body: string): Promise<void> => {
  let problem = '';
  for (let tried = 0; tried < ATTEMPTS; tried += 1) {
    if (tried > 0) await runtime.sleep(FIRST_DELAY_MS * 2 ** tried);
    try {
      const response = await runtime.fetch(responseUrl, {
        method: 'PUT',
        // As bytes, since the address is signed for no content type and `fetch` would add one to text.
        body: new TextEncoder().encode(body),
        redirect: 'manual',
        signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MS),
      });
      await response.text();
      if (response.ok) return;
      problem = `status ${response.status}`;
    } catch (error) {
      problem = error instanceof Error ? error.name : 'the request failed';
    }
  }
  throw new KmError('ErrAws', `CloudFormation did not take the answer: ${problem}`);
};
