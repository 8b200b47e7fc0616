/** What CloudFormation sends with a custom resource and wants back as it was. */
export interface StackRequest {
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
}

export interface StackOutcome {
  readonly status: 'SUCCESS' | 'FAILED';
  readonly physicalResourceId: string;
  readonly reason?: string;
}

/** All of an answer, in bytes. */
const MOST_BYTES = 4096;
const CUT = '…';

/** CloudFormation shows a reason as it stands: one line of plain text. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').replace(/\p{Cc}/gu, '');

/**
 * The body that answers CloudFormation. It has no `Data`, so that nothing of a token can be read from the stack, and
 * its reason is cut so that the whole stays within 4,096 bytes.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 */
export const stackAnswer = (request: StackRequest, outcome: StackOutcome): string => {
  const write = (reason: string): string =>
    JSON.stringify({
      Status: outcome.status,
      ...(reason === '' ? {} : { Reason: reason }),
      PhysicalResourceId: outcome.physicalResourceId,
      StackId: request.StackId,
      RequestId: request.RequestId,
      LogicalResourceId: request.LogicalResourceId,
    });
  const reason = oneLine(outcome.reason ?? '');
  if (Buffer.byteLength(write(reason)) <= MOST_BYTES) return write(reason);
  const characters = [...reason];
  let keep = Math.min(characters.length, MOST_BYTES);
  while (keep > 0 && Buffer.byteLength(write(characters.slice(0, keep).join('') + CUT)) > MOST_BYTES)
    keep -= 16;
  return write(characters.slice(0, Math.max(0, keep)).join('') + CUT);
};
