import type { InspectAnswer } from '../../broker/inspection.ts';
import { formatDuration } from '../../format-duration.ts';
import { type Check, fail, NotLooked, ok, skip, warn } from '../check.ts';
import type { Facts } from '../facts.ts';
import { TIMEOUT_SECONDS } from './refresher.ts';

const NOTICED_MS = 30_000;
/** A JWT is dated a minute back: past that, GitHub refuses the first of each. */
const REFUSED_MS = 60_000;
/** Below this share of an hour's requests, refreshes may soon be refused. */
const LOW = 0.1;

/** What GitHub is asked as the App. `NotLooked` where {@link appJwt} or the key's check tells why it cannot be. */
export async function acceptedApp(facts: Facts): Promise<InspectAnswer> {
  const answer = await facts.app();
  if (answer.jwt?.ok) return answer;
  throw new NotLooked('GitHub was not asked as the App, or does not know it');
}

export const clockSkew: Check = {
  id: 'clock-skew',
  title: 'Clock against GitHub',
  async run(facts) {
    const { clock_skew_ms: skew, host } = await facts.app();
    if (skew === undefined) return [skip('not looked at: GitHub did not tell its time')];
    const size = Math.abs(skew);
    const finding = `${host} is ${formatDuration(size)} ${skew < 0 ? 'behind' : 'ahead'}`;
    const remedy = `set the clock of ${host} by NTP; AWS keeps that of the refresher   # then: km doctor`;
    if (size > REFUSED_MS) return [fail(finding, remedy)];
    if (size > NOTICED_MS) return [warn(finding, remedy)];
    return [ok(size < 1_000 ? 'in step' : finding)];
  },
};

export const appJwt: Check = {
  id: 'app-jwt',
  title: 'App known to GitHub',
  async run(facts) {
    const { jwt, app, host, problems } = await facts.app();
    if (jwt?.ok) {
      return [
        ok(
          app
            ? `${app.name}${app.owner === '' ? '' : ` of ${app.owner}`}, on ${host}`
            : `accepted by ${host}`,
        ),
      ];
    }
    if (jwt?.problem) {
      return [fail(jwt.problem.message, 'km configure github --private-key-file NEW.pem --force')];
    }
    const unreached = problems.find(
      ({ code }) => code === 'ErrGitHubUnavailable' || code === 'ErrGitHubBadHost',
    );
    if (unreached) {
      const { Timeout = TIMEOUT_SECONDS } = await facts.refresher().catch(() => ({ Timeout: undefined }));
      if (Timeout < TIMEOUT_SECONDS) throw new NotLooked('the refresher has too little time to ask GitHub');
      return [fail(unreached.message, unreached.remedy ?? 'km doctor')];
    }
    return [skip('not looked at: no JWT could be signed')];
  },
};

export const rateLimit: Check = {
  id: 'rate-limit',
  title: 'GitHub rate limit',
  async run(facts) {
    const { rate_limit: limits } = await acceptedApp(facts);
    if (!limits || limits.length === 0) return [skip('not looked at: no installation to ask for')];
    const now = await facts.startedAt();
    const low = limits.filter(({ limit, remaining }) => remaining < limit * LOW);
    if (low.length === 0) {
      return [
        ok(
          limits
            .map(({ account, remaining, limit }) => `${account}: ${remaining} of ${limit} left`)
            .join(', '),
        ),
      ];
    }
    return low.map(({ account, remaining, limit, reset }) => {
      const wait = formatDuration(Date.parse(reset) - now);
      const finding = `${account}: ${remaining} of ${limit} requests left, anew in ${wait}`;
      const remedy = `km list   # which sandboxes refresh for ${account}; otherwise wait ${wait}`;
      return { ...(remaining === 0 ? fail(finding, remedy) : warn(finding, remedy)), subject: account };
    });
  },
};
