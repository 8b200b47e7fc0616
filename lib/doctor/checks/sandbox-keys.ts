import { type Check, type Finding, fail, ok } from '../check.ts';
import { lookedAt, summed } from './sandboxes.ts';

const REVIVE: Readonly<Record<string, (arn: string) => string>> = {
  Disabled: (arn) => `aws kms enable-key --key-id ${arn}`,
  PendingDeletion: (arn) =>
    `aws kms cancel-key-deletion --key-id ${arn} && aws kms enable-key --key-id ${arn}`,
};

/**
 * Each sandbox's key: its alias by one listing, and its state where few sandboxes are looked at. A shared key has one
 * alias and one state for all.
 */
export const sandboxKeys: Check = {
  id: 'sandbox-key',
  title: 'Sandbox keys',
  async run(facts) {
    const { names } = facts.context;
    const { sandboxes, each } = await lookedAt(facts);
    if (sandboxes.length === 0) return [ok('none to look at')];
    const aliases = await facts.aliases();
    const found = await Promise.all(
      sandboxes.map(async ({ id, keyArn, encryption }): Promise<Finding[]> => {
        const alias = names.keyAlias(id);
        const state = each && keyArn !== undefined ? await facts.keyState(keyArn) : 'Enabled';
        const about = (finding: string, remedy: string) => [{ ...fail(finding, remedy), subject: id }];
        if (state !== 'Enabled') {
          const revive = keyArn === undefined ? undefined : REVIVE[state]?.(keyArn);
          return about(
            `${id}: its key is ${state === 'missing' ? 'gone, and no token can be read' : state}`,
            revive ? `${revive}   # as an administrator` : `km destroy ${id}   # then create it again`,
          );
        }
        if (encryption === 'shared' || aliases.has(alias)) return [];
        return about(
          `${id}: ${alias} is gone, by which its tokens are written`,
          keyArn === undefined
            ? `km destroy ${id}   # then create it again`
            : `aws kms create-alias --alias-name ${alias} --target-key-id ${keyArn}   # as an administrator`,
        );
      }),
    );
    const asked = each
      ? 'each has its key, enabled'
      : 'each has its key (its state is asked with few sandboxes, or by id)';
    return summed(found.flat(), ok(asked));
  },
};
