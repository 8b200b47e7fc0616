import { KmError } from '../errors.ts';

/** GitHub's limit for the name of an App. */
const LONGEST = 34;

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9 ._-]*[A-Za-z0-9])?$/;
const LOGIN = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?$/;

const SUFFIX_BYTES = 3;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/**
 * Checks the name of an App: 1 to 34 letters, digits, spaces, dots, hyphens and underscores.
 *
 * @throws {KmError} `ErrUsage`.
 * @see https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/registering-a-github-app
 */
export const checkAppName = (name: string): string => {
  const text = name.trim();
  if (text.length > LONGEST) {
    throw new KmError(
      'ErrUsage',
      `--name '${text}' has ${text.length} characters; GitHub takes ${LONGEST}.`,
      {
        remedy: `--name '${text.slice(0, LONGEST).replace(/[^A-Za-z0-9]+$/, '')}'`,
      },
    );
  }
  if (!NAME.test(text)) {
    throw new KmError(
      'ErrUsage',
      `--name '${text}' is not a name for an App: letters, digits, spaces and . _ - between them.`,
      { remedy: '--name km-my-team' },
    );
  }
  return text;
};

/** Checks the login of an organization. Throws `ErrUsage`. */
export const checkOrganization = (login: string): string => {
  const text = login.trim();
  if (LOGIN.test(text)) return text;
  throw new KmError('ErrUsage', `--org '${text}' is not the login of an organization.`, {
    remedy: '--org my-org, as it stands in https://github.com/my-org',
  });
};

/** The name of an App that was given none: `km-ORG` under an organization, else `km-` and six random hex digits. */
export const defaultAppName = (randomBytes: (count: number) => Uint8Array, org?: string): string =>
  org === undefined ? `km-${hex(randomBytes(SUFFIX_BYTES))}` : otherAppName(randomBytes, `km-${org}`, '');

/**
 * Another name near one that is taken: with six random hex digits at its end, or the given suffix, cut so that GitHub
 * takes it. Names are global on GitHub, so that `km` and the like are long gone.
 */
export const otherAppName = (
  randomBytes: (count: number) => Uint8Array,
  name: string,
  suffix: string = `-${hex(randomBytes(SUFFIX_BYTES))}`,
): string => `${name.slice(0, LONGEST - suffix.length).replace(/[^A-Za-z0-9]+$/, '')}${suffix}`;
