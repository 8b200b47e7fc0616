import { randomUUID } from 'node:crypto';
import type { Caller, Cloud, Table } from '../cloud.ts';
import { validationError } from './template.ts';
import { TemplateStore } from './template-store.ts';

/** A resource of a stack, as it stands in reality. */
export interface ResourceRecord {
  readonly logicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly updatedAt: number;
  readonly physicalId?: string;
  /** With every function resolved: what the resource was last asked to be. */
  readonly properties: Readonly<Record<string, unknown>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly dependsOn: readonly string[];
  readonly deletionPolicy: string;
}

export interface StackOutput {
  readonly OutputKey: string;
  readonly OutputValue: string;
  readonly Description?: string;
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** What the user asks a stack to be; an update that fails goes back to the one before. */
export interface StackDesign {
  /** Of the template store. */
  readonly templateId: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: readonly Tag[];
}

export interface StackRecord extends StackDesign {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly reason?: string;
  readonly description?: string;
  readonly capabilities: readonly string[];
  /** The service role, by which this and later operations act. */
  readonly roleArn?: string;
  /** Who asked for the operation; without a service role the stack acts as them. */
  readonly caller: Caller;
  readonly clientRequestToken?: string;
  readonly mode: 'STANDARD' | 'EXPRESS';
  readonly onFailure: 'ROLLBACK' | 'DELETE' | 'DO_NOTHING';
  readonly terminationProtection: boolean;
  readonly createdAt: number;
  readonly updatedAt?: number;
  readonly deletedAt?: number;
  readonly outputs: readonly StackOutput[];
  /** While an update runs: the design and the resources to go back to. */
  readonly previous?: StackDesign & { readonly resources: Readonly<Record<string, ResourceRecord>> };
}

export interface StackEvent {
  readonly EventId: string;
  readonly StackId: string;
  readonly StackName: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId: string;
  readonly ResourceType: string;
  readonly Timestamp: string;
  readonly ResourceStatus: string;
  readonly ResourceStatusReason?: string;
  readonly ResourceProperties?: string;
  readonly ClientRequestToken?: string;
}

/** Deleted stacks that can still be described by their id; older ones are forgotten. */
const DELETED_KEPT = 50;

/** The stacks of a cloud, their resources and events, in persisted tables. */
export class StackStore {
  readonly #cloud: Cloud;
  readonly #stacks: Table<StackRecord>;
  readonly #resources: Table<Record<string, ResourceRecord>>;
  readonly #events: Table<StackEvent[]>;
  readonly templates: TemplateStore;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#stacks = cloud.table('cloudformation-stacks');
    this.#resources = cloud.table('cloudformation-resources');
    this.#events = cloud.table('cloudformation-events');
    this.templates = new TemplateStore(cloud);
  }

  newId(name: string): string {
    const { region, accountId } = this.#cloud;
    return `arn:aws:cloudformation:${region}:${accountId}:stack/${name}/${randomUUID()}`;
  }

  all(): StackRecord[] {
    return this.#stacks.values();
  }

  /** The stack of that id, deleted or not, or the living one of that name. */
  find(nameOrId: string): StackRecord | undefined {
    if (nameOrId.startsWith('arn:')) return this.#stacks.get(nameOrId);
    return this.all().find(({ name, status }) => name === nameOrId && status !== 'DELETE_COMPLETE');
  }

  /** Throws ValidationError when there is none. */
  get(nameOrId: string): StackRecord {
    const stack = this.find(nameOrId);
    if (stack === undefined) throw validationError(`Stack with id ${nameOrId} does not exist`);
    return stack;
  }

  /** Merges `change` into the stack's record. */
  change(id: string, change: Partial<StackRecord>): StackRecord {
    const stack = { ...this.get(id), ...change };
    this.#stacks.set(id, stack);
    return stack;
  }

  add(stack: StackRecord): void {
    this.#stacks.set(stack.id, stack);
    this.#resources.set(stack.id, {});
    this.#events.set(stack.id, []);
  }

  resources(id: string): Readonly<Record<string, ResourceRecord>> {
    return this.#resources.get(id) ?? {};
  }

  setResource(id: string, resource: ResourceRecord): void {
    this.#resources.set(id, { ...this.resources(id), [resource.logicalId]: resource });
  }

  put(stack: StackRecord): void {
    this.#stacks.set(stack.id, stack);
  }

  /** The update is over: there is no going back. */
  forgetPrevious(id: string): void {
    const { previous: _, ...stack } = this.get(id);
    this.#stacks.set(id, stack);
  }

  /** Oldest first. */
  events(id: string): readonly StackEvent[] {
    return this.#events.get(id) ?? [];
  }

  addEvent(
    stack: StackRecord,
    event: Pick<StackEvent, 'LogicalResourceId' | 'PhysicalResourceId' | 'ResourceType' | 'ResourceStatus'> &
      Partial<StackEvent>,
  ): void {
    this.#events.set(stack.id, [
      ...this.events(stack.id),
      {
        ...event,
        EventId: `${event.LogicalResourceId}-${randomUUID()}`,
        StackId: stack.id,
        StackName: stack.name,
        Timestamp: new Date(this.#cloud.clock.now()).toISOString(),
        ...(stack.clientRequestToken === undefined ? {} : { ClientRequestToken: stack.clientRequestToken }),
      },
    ]);
  }

  /** Sets the stack's own status, with its event. */
  setStatus(id: string, status: string, reason?: string): StackRecord {
    const now = this.#cloud.clock.now();
    const { reason: _, ...before } = this.get(id);
    const stack: StackRecord = {
      ...before,
      status,
      ...(reason === undefined ? {} : { reason }),
      ...(status === 'DELETE_COMPLETE' ? { deletedAt: now } : {}),
    };
    this.#stacks.set(id, stack);
    this.addEvent(stack, {
      LogicalResourceId: stack.name,
      PhysicalResourceId: id,
      ResourceType: 'AWS::CloudFormation::Stack',
      ResourceStatus: status,
      ...(reason === undefined ? {} : { ResourceStatusReason: reason }),
    });
    if (status === 'DELETE_COMPLETE') this.#forgetOldest();
    return stack;
  }

  #forgetOldest(): void {
    const deleted = this.all().filter(({ status }) => status === 'DELETE_COMPLETE');
    deleted.sort((a, b) => (b.deletedAt ?? 0) - (a.deletedAt ?? 0));
    for (const { id } of deleted.slice(DELETED_KEPT)) {
      this.#stacks.delete(id);
      this.#resources.delete(id);
      this.#events.delete(id);
    }
    const used = this.all().flatMap(({ templateId, previous }) => [templateId, previous?.templateId ?? '']);
    this.templates.retain(new Set(used));
  }
}
