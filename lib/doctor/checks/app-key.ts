import { formatDuration } from '../../format-duration.ts';
import { type Check, fail, ok, skip, warn } from '../check.ts';

const DAY_MS = 86_400_000;
const OLD_MS = 365 * DAY_MS;
const ROTATE = 'km configure github --rotate-key --private-key-file NEW.pem';

/** Whether the key can sign at all. */
export const appKey: Check = {
  id: 'app-key',
  title: 'App private key',
  async run(facts) {
    const { key, signer } = await facts.app();
    if (!key) return [skip('not looked at: the refresher does not tell')];
    if (!key.ok) {
      const where =
        signer === 'kms'
          ? 'km configure github --signer parameter --private-key-file NEW.pem'
          : 'km configure github --private-key-file NEW.pem --force';
      return [fail(key.problem?.message ?? 'it cannot sign', where)];
    }
    const size = [key.type?.toUpperCase(), key.bits].filter(Boolean).join(' ');
    return [ok([size, key.fingerprint, signer === 'kms' ? 'in KMS' : ''].filter(Boolean).join(', '))];
  },
};

/** GitHub advises to rotate keys and sets no end to them. */
export const appKeyAge: Check = {
  id: 'app-key-age',
  title: 'App private key age',
  async run(facts) {
    const { key } = await facts.app();
    const stored = Date.parse(key?.stored_at ?? '');
    if (Number.isNaN(stored)) return [skip('not looked at: nothing tells when it was stored')];
    const age = (await facts.startedAt()) - stored;
    const finding = `stored ${formatDuration(age)} ago`;
    return [age > OLD_MS ? warn(`${finding}; rotate it once a year`, ROTATE) : ok(finding)];
  },
};
