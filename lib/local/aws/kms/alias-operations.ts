import { AwsError, type Call, type Cloud } from '../cloud.ts';
import { integer, type Operation, optionalText, pageOf, text } from '../operations.ts';
import { mustNotBePending } from './key-checks.ts';
import { type AliasRecord, callContext, type Keys } from './keys.ts';

const nameOf = (call: Call): string => {
  const name = text(call, 'AliasName', { min: 1, max: 256 });
  if (!/^alias\/[a-zA-Z0-9/_-]+$/.test(name)) {
    throw new AwsError(
      'InvalidAliasNameException',
      `${name} must begin with alias/ and hold letters, digits, / _ -`,
    );
  }
  if (name.startsWith('alias/aws/')) throw new AwsError('NotAuthorizedException', `${name} is AWS's own`);
  return name;
};

/** CreateAlias, UpdateAlias, DeleteAlias and ListAliases. Each needs its permission on the alias and on the key. */
export const aliasOperations = (cloud: Cloud, keys: Keys): Record<string, Operation> => {
  const authorizeAlias = (call: Call, name: string): void =>
    cloud.authorize(call, {
      action: `kms:${call.operation}`,
      resource: keys.arnOf(name),
      context: callContext(cloud, call),
    });
  const existing = (name: string): AliasRecord => {
    const alias = keys.aliases.get(name);
    if (!alias || !keys.live(alias.keyId)) {
      throw new AwsError('NotFoundException', `Alias ${keys.arnOf(name)} is not found.`);
    }
    return alias;
  };

  return {
    CreateAlias(call) {
      const name = nameOf(call);
      const key = keys.find(text(call, 'TargetKeyId'), false);
      authorizeAlias(call, name);
      keys.authorize(call, key, 'CreateAlias');
      mustNotBePending(key);
      const taken = keys.aliases.get(name);
      if (taken && keys.live(taken.keyId)) {
        throw new AwsError(
          'AlreadyExistsException',
          `An alias with the name ${keys.arnOf(name)} already exists`,
        );
      }
      const now = cloud.clock.now();
      keys.aliases.set(name, { keyId: key.id, created: now, updated: now });
    },
    UpdateAlias(call) {
      const name = nameOf(call);
      const alias = existing(name);
      const from = keys.find(alias.keyId, false);
      const to = keys.find(text(call, 'TargetKeyId'), false);
      authorizeAlias(call, name);
      keys.authorize(call, from, 'UpdateAlias');
      keys.authorize(call, to, 'UpdateAlias');
      mustNotBePending(to);
      keys.aliases.set(name, { ...alias, keyId: to.id, updated: cloud.clock.now() });
    },
    DeleteAlias(call) {
      const name = nameOf(call);
      const alias = existing(name);
      authorizeAlias(call, name);
      keys.authorize(call, keys.find(alias.keyId, false), 'DeleteAlias');
      keys.aliases.delete(name);
    },
    ListAliases(call) {
      cloud.authorize(call, { action: 'kms:ListAliases', resource: '*', context: callContext(cloud, call) });
      const keyId = optionalText(call, 'KeyId');
      const only = keyId === undefined ? undefined : keys.find(keyId, false).id;
      const all = keys.aliases
        .entries()
        .filter(([, alias]) => keys.live(alias.keyId) && (only === undefined || alias.keyId === only));
      const size = integer(call, 'Limit', { min: 1, max: 100, fallback: 50 });
      const page = pageOf(all, optionalText(call, 'Marker'), size, 'InvalidMarkerException');
      return {
        Aliases: page.items.map(([name, alias]) => ({
          AliasName: name,
          AliasArn: keys.arnOf(name),
          TargetKeyId: alias.keyId,
          CreationDate: new Date(alias.created),
          LastUpdatedDate: new Date(alias.updated),
        })),
        Truncated: page.next !== undefined,
        ...(page.next ? { NextMarker: page.next } : {}),
      };
    },
  };
};
