import { type Check, type Finding, fail, ok, warn } from '../check.ts';

const SET_UP = 'km github && km configure github --discover --force';

/** What is stored about the App, by name only: an operator may not read it, and need not. */
export const appParameters: Check = {
  id: 'app-parameters',
  title: 'GitHub App configuration',
  async run(facts) {
    const { names } = facts.context;
    const stored = new Map((await facts.configParameters()).map((parameter) => [parameter.name, parameter]));
    const signs = stored.has(names.signingKey) ? names.signingKey : names.privateKey;
    const missing = [names.appClientId, signs].filter((name) => !stored.has(name));
    if (missing.length > 0) {
      return [fail(`GitHub App not configured (missing: ${missing.join(', ')})`, SET_UP)];
    }
    const plain = [names.privateKey, names.privateKeyCandidate].filter(
      (name) => stored.has(name) && stored.get(name)?.type !== 'SecureString',
    );
    if (plain.length > 0) {
      return plain.map((name) =>
        fail(
          `${name} is stored in plain text: whoever may read parameters has the App's key. Delete that key on GitHub`,
          `aws ssm delete-parameter --name ${name} && km configure github --private-key-file NEW.pem --force`,
        ),
      );
    }
    const found = await facts.inspection().catch(() => undefined);
    if (found && !found.configured) {
      return [fail(`GitHub App not configured (empty or unread: ${found.missing.join(', ')})`, SET_UP)];
    }
    return [
      ok(`client id and ${signs === names.signingKey ? 'signing key' : 'private key'} are stored`),
      ...unfinished(stored.has(names.privateKeyCandidate)),
    ];
  },
};

const unfinished = (candidate: boolean): Finding[] =>
  candidate
    ? [
        warn(
          'a rotation of the key was not finished',
          'km configure github --rotate-key --private-key-file NEW.pem',
        ),
      ]
    : [];
