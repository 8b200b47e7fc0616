import { ReceivePackReader } from '../../../lib/proxy/git/parse-receive-pack.ts';
import type { ReceivePackProgress, ReceivePackRequest } from '../../../lib/proxy/git/receive-pack-request.ts';

export const read = (...chunks: readonly Buffer[]): ReceivePackProgress => {
  const reader = new ReceivePackReader();
  for (const chunk of chunks) {
    const progress = reader.push(chunk);
    if (progress.state !== 'more') return progress;
  }
  return reader.end();
};

export const requestOf = (...chunks: readonly Buffer[]): ReceivePackRequest => {
  const progress = read(...chunks);
  if (progress.state !== 'complete') throw new Error(JSON.stringify(progress));
  return progress.request;
};

export const reasonOf = (...chunks: readonly Buffer[]): string => {
  const progress = read(...chunks);
  return progress.state === 'refused' ? progress.refusal.reason : progress.state;
};
