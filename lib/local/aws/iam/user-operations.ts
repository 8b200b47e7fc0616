import { randomBytes } from 'node:crypto';
import type { KeyRecord } from '../authenticate.ts';
import type { Call } from '../cloud.ts';
import { type Operation, text } from '../operations.ts';
import {
  alreadyExists,
  deleteConflict,
  type IamDirectory,
  noSuchEntity,
  readTags,
  tagList,
} from './directory.ts';
import type { UserRecord } from './records.ts';

/** Users and their access keys. */
export const userOperations = (directory: IamDirectory): Record<string, Operation> => {
  const { cloud, users } = directory;
  const keys = cloud.table<KeyRecord>('access-keys');

  const answer = (user: UserRecord): Record<string, unknown> => ({
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: user.arn,
    CreateDate: new Date(user.created),
    ...(Object.keys(user.tags).length > 0 ? { Tags: tagList(user.tags) } : {}),
  });
  /** Without a name, the calling user is meant. */
  const named = (call: Call): Call =>
    call.input.UserName === undefined && call.caller.kind === 'user'
      ? {
          ...call,
          input: { ...call.input, UserName: call.caller.arn.slice(call.caller.arn.lastIndexOf('/') + 1) },
        }
      : call;
  const keysOf = (userName: string): [string, KeyRecord][] =>
    keys.entries().filter(([, key]) => key.userName === userName);

  return {
    CreateUser(call) {
      const name = directory.name(call, 'User');
      const path = directory.path(call);
      const arn = directory.arn('user', path, name);
      const { tags, context } = readTags(call);
      directory.authorize(call, arn, context);
      if (users.has(name)) throw alreadyExists(`User with name ${name} already exists.`);
      const created = cloud.clock.now();
      const user = { name, path, id: directory.newId('AIDA'), arn, created, inline: {}, attached: [], tags };
      users.set(name, user);
      return { User: answer(user) };
    },
    GetUser: (call) => ({ User: answer(directory.authorized('User', named(call))) }),
    ListUsers(call) {
      directory.authorize(call, directory.arn('user', '/', ''));
      return directory.page(call, 'Users', users.values().map(answer));
    },
    DeleteUser(call) {
      const user = directory.authorized('User', call);
      if (Object.keys(user.inline).length > 0 || user.attached.length > 0 || keysOf(user.name).length > 0) {
        throw deleteConflict('Cannot delete entity, must delete its policies and access keys first.');
      }
      users.delete(user.name);
    },
    CreateAccessKey(call) {
      const user = directory.authorized('User', named(call));
      const id = `AKIA${randomBytes(8).toString('hex').toUpperCase()}`;
      const secretAccessKey = randomBytes(30).toString('base64');
      keys.set(id, { userName: user.name, secretAccessKey });
      const CreateDate = new Date(cloud.clock.now());
      return {
        AccessKey: {
          UserName: user.name,
          AccessKeyId: id,
          Status: 'Active',
          SecretAccessKey: secretAccessKey,
          CreateDate,
        },
      };
    },
    ListAccessKeys(call) {
      const user = directory.authorized('User', named(call));
      const all = keysOf(user.name).map(([AccessKeyId]) => ({
        UserName: user.name,
        AccessKeyId,
        Status: 'Active',
      }));
      return directory.page(call, 'AccessKeyMetadata', all);
    },
    DeleteAccessKey(call) {
      const user = directory.authorized('User', named(call));
      const id = text(call, 'AccessKeyId', { code: 'ValidationError' });
      if (keys.get(id)?.userName !== user.name)
        throw noSuchEntity(`The Access Key with id ${id} cannot be found.`);
      keys.delete(id);
    },
  };
};
