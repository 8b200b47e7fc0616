import { AwsError } from '../../cloud.ts';
import type { Tag } from '../stack-store.ts';

/** Resolved properties, in the template's shapes. */
// biome-ignore lint/suspicious/noExplicitAny: the template's own shapes, checked by the service that is called
export type Properties = Readonly<Record<string, any>>;

/** What a resource type's handler works with. */
export interface ResourceContext {
  readonly stackId: string;
  readonly stackName: string;
  readonly logicalId: string;
  readonly region: string;
  readonly accountId: string;
  /** The stack's tags, which are put on every resource that can have tags. */
  readonly tags: readonly Tag[];
  /** The stack's tags before an update. */
  readonly previousTags: readonly Tag[];
  /** Calls a service as the stack's role, or as the caller of a stack without one. */
  // biome-ignore lint/suspicious/noExplicitAny: the wire's own shapes
  call(service: string, operation: string, input: unknown): Promise<any>;
  /** `STACK-LOGICALID-RANDOM`, for a resource that the template does not name. */
  name(limit?: number): string;
  /** Says that the resource exists from now on, also if the rest of its creation fails: rollback deletes it. */
  identify(physicalId: string): void;
}

/** A resource as `Ref` and `Fn::GetAtt` see it. */
export interface Made {
  readonly physicalId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** How one resource type is made, changed and deleted. */
export interface ResourceType {
  /** Every property that is understood; any other is refused. */
  readonly properties: readonly string[];
  /** Those of them whose change makes a new resource. */
  readonly replacing: readonly string[];
  create(context: ResourceContext, properties: Properties): Promise<Made>;
  update(context: ResourceContext, made: Made, properties: Properties, before: Properties): Promise<Made>;
  /** Safe to repeat: a resource that is gone is deleted. */
  delete(context: ResourceContext, physicalId: string, properties: Properties): Promise<void>;
}

const GONE = new Set([
  'NotFound',
  'NotFoundException',
  'NoSuchEntity',
  'NoSuchEntityException',
  'ResourceNotFoundException',
  'ResourceNotFound',
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
  'ParameterNotFound',
]);

/** Waits for a deletion; that there is nothing to delete is no failure. */
export async function unlessGone(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!(error instanceof AwsError) || !GONE.has(error.code)) throw error;
  }
}

const merged = (stack: readonly Tag[], own: readonly Tag[] | undefined): Tag[] => {
  const tags = new Map(stack.map(({ Key, Value }) => [Key, Value]));
  for (const { Key, Value } of own ?? []) tags.set(Key, Value);
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
};

/** The stack's tags and the resource's own, which win: `[{Key, Value}]`. */
export const tagList = (context: ResourceContext, own: readonly Tag[] | undefined): Tag[] =>
  merged(context.tags, own);

/** Brings a resource's tags from what they were to what they are to be, by the calls of its service. */
export async function retag(
  context: ResourceContext,
  properties: Properties,
  before: Properties,
  service: { tag(tags: Tag[]): Promise<unknown>; untag(keys: string[]): Promise<unknown> },
): Promise<void> {
  const now = merged(context.tags, properties.Tags);
  const then = merged(context.previousTags, before.Tags);
  const changed = now.filter(({ Key, Value }) => then.find((tag) => tag.Key === Key)?.Value !== Value);
  const gone = then.map(({ Key }) => Key).filter((Key) => !now.some((tag) => tag.Key === Key));
  if (changed.length > 0) await service.tag(changed);
  if (gone.length > 0) await service.untag(gone);
}

/** Tags as `{key: value}`. */
export const asMap = (tags: readonly Tag[]): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));

/** The stack's tags and the resource's own as `{key: value}`. */
export const tagMap = (context: ResourceContext, own: readonly Tag[] | undefined): Record<string, string> =>
  asMap(tagList(context, own));

/** Those of `names` that `properties` has. */
export const pick = (properties: Properties, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(
    names.filter((name) => properties[name] !== undefined).map((name) => [name, properties[name]]),
  );

export const isTrue = (value: unknown): boolean => value === true || value === 'true';

export const sameValue = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** A property that must be there. Throws the error by which CloudFormation names a missing one. */
export const required = (properties: Properties, name: string): string => {
  const value = properties[name];
  if (value === undefined) throw new AwsError('InvalidRequest', `required key [${name}] not found`);
  return String(value);
};

/** Policy documents go to the services as text. */
export const document = (policy: unknown): string =>
  typeof policy === 'string' ? policy : JSON.stringify(policy);
