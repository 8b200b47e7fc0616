import { sessionCaller } from './assume-role.ts';
import { AwsError, type Caller, type Cloud } from './cloud.ts';
import { usersOf } from './iam/records.ts';
import { openSession, type Session } from './session-token.ts';
import { readClaim, type SignatureClaim, signatureMatches, signedAt } from './sigv4.ts';
import type { WireRequest } from './wire/request.ts';

const WINDOW_MS = 15 * 60_000;

/** A user's long-term key, as the table `access-keys` holds it, by access key id. */
export interface KeyRecord {
  userName: string;
  secretAccessKey: string;
}

export interface Authenticated {
  readonly caller: Caller;
  readonly service: string;
  readonly accessKeyId: string;
}

interface Identity {
  readonly secret: string;
  readonly caller: Caller;
  readonly session?: Session;
}

const refuse = (code: string, message: string): AwsError => new AwsError(code, message, 403);

const unknownKey = (): AwsError =>
  refuse('UnrecognizedClientException', 'The security token included in the request is invalid.');

const identify = (cloud: Cloud, sessionKey: Buffer, claim: SignatureClaim): Identity => {
  if (claim.sessionToken !== undefined) {
    const session = openSession(sessionKey, claim.sessionToken);
    if (session?.accessKeyId !== claim.accessKeyId) throw unknownKey();
    return { secret: session.secretAccessKey, caller: sessionCaller(cloud.accountId, session), session };
  }
  const key = cloud.table<KeyRecord>('access-keys').get(claim.accessKeyId);
  const user = key && usersOf(cloud).get(key.userName);
  if (!key || !user) throw unknownKey();
  return {
    secret: key.secretAccessKey,
    caller: { kind: 'user', arn: user.arn, principalArn: user.arn, userId: user.id },
  };
};

/** A client knows the machine's time, or has learnt the moved clock's from a Date header: either will do. */
const checkTime = (cloud: Cloud, claim: SignatureClaim): void => {
  const at = signedAt(claim);
  const after = claim.expires === undefined ? WINDOW_MS : claim.expires * 1000;
  const fits = (now: number): boolean => at <= now + WINDOW_MS && now <= at + after;
  if (fits(Date.now()) || fits(cloud.clock.now())) return;
  const compact = new Date(cloud.clock.now()).toISOString().replace(/[-:]|\.\d+/g, '');
  const problem = at > Date.now() ? 'not yet current' : 'expired';
  throw refuse(
    'InvalidSignatureException',
    `Signature ${problem}: ${claim.timestamp} is more than ${Math.round(after / 60_000)} minutes from ${compact}`,
  );
};

/**
 * Says who sent a request and to which service, by its SigV4 signature.
 *
 * Throws MissingAuthenticationTokenException, IncompleteSignatureException, UnrecognizedClientException (unknown key, or
 * a session token that is not the key's), InvalidSignatureException (wrong secret, changed request, old timestamp, other
 * region) or ExpiredTokenException.
 */
export const authenticate = (cloud: Cloud, sessionKey: Buffer, request: WireRequest): Authenticated => {
  const claim = readClaim(request);
  const { secret, caller, session } = identify(cloud, sessionKey, claim);
  checkTime(cloud, claim);
  if (!signatureMatches(request, claim, secret)) {
    throw refuse(
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access ' +
        'Key and signing method. Consult the service documentation for details.',
    );
  }
  if (session && session.expiration <= cloud.clock.now()) {
    throw refuse('ExpiredTokenException', 'The security token included in the request is expired');
  }
  if (claim.region !== cloud.region) {
    throw refuse(
      'InvalidSignatureException',
      `Credential should be scoped to a valid region, not '${claim.region}'.`,
    );
  }
  return { caller, service: claim.service, accessKeyId: claim.accessKeyId };
};
