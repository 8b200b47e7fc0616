import { randomBytes, randomUUID } from 'node:crypto';
import type { Cloud, Service } from '../cloud.ts';
import type { Made, Properties, ResourceContext, ResourceType } from './resource-types/resource-type.ts';

/** What a custom resource's function puts to its ResponseURL. */
interface CustomResourceResponse {
  readonly Status?: string;
  readonly Reason?: string;
  readonly PhysicalResourceId?: string;
  readonly RequestId?: string;
  readonly Data?: Readonly<Record<string, unknown>>;
}

/** A failure whose reason is shown as it is. */
export class ResourceFailure extends Error {
  override readonly name = 'ResourceFailure';
  /** The id that a custom resource's function gave to what it could not make: its Delete is asked under that. */
  readonly physicalId: string | undefined;

  constructor(message: string, physicalId?: string) {
    super(message);
    this.physicalId = physicalId;
  }
}

const PREFIX = '/cloudformation-response/';
/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html */
const DEFAULT_TIMEOUT_SECONDS = 3600;
/** The whole response must not exceed 4,096 bytes. */
const RESPONSE_LIMIT = 4096;

/** CloudFormation hands a function every leaf of the properties as a string. */
const asStrings = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(asStrings);
  if (value === null || typeof value !== 'object') return String(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asStrings(item)]));
};

type Waiting = (response: CustomResourceResponse) => void;

/**
 * Custom resources: `type` invokes the function that `ServiceToken` names and waits for its answer, which comes by
 * `open`, an unsigned route whose path nobody can guess. Answers that nobody waits for (any more) are refused with 403.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
 */
export function createCustomResources(cloud: Cloud): {
  readonly open: NonNullable<Service['open']>;
  type(name: string): ResourceType;
} {
  const waiting = new Map<string, Waiting>();

  const open: NonNullable<Service['open']> = {
    prefix: PREFIX,
    async handle({ method, path, body }) {
      const answer = waiting.get(path.slice(PREFIX.length));
      if (method !== 'PUT' || answer === undefined) return { status: 403, body: 'AccessDenied' };
      if (body.length > RESPONSE_LIMIT) answer({ Status: 'FAILED', Reason: 'Response object is too long.' });
      else {
        try {
          answer(JSON.parse(body.toString('utf8')));
        } catch {
          answer({
            Status: 'FAILED',
            Reason: 'Invalid Response object: Failed to parse custom resource response',
          });
        }
      }
      return { status: 200 };
    },
  };

  const ask = async (
    type: string,
    context: ResourceContext,
    properties: Properties,
    request: { readonly RequestType: string; readonly PhysicalResourceId?: string } & Record<string, unknown>,
    invoked: () => void = () => {},
  ): Promise<CustomResourceResponse> => {
    const token = randomBytes(32).toString('base64url');
    const RequestId = randomUUID();
    const event = {
      ...request,
      ServiceToken: properties.ServiceToken,
      ResponseURL: `${cloud.endpoint}${PREFIX}${token}`,
      StackId: context.stackId,
      RequestId,
      LogicalResourceId: context.logicalId,
      ResourceType: type,
      ResourceProperties: asStrings(properties),
    };
    const seconds = Number(properties.ServiceTimeout ?? DEFAULT_TIMEOUT_SECONDS);
    let cancel = (): void => {};
    const answered = new Promise<CustomResourceResponse>((resolve, reject) => {
      waiting.set(token, resolve);
      cancel = cloud.clock.at(cloud.clock.now() + seconds * 1000, () => {
        reject(
          new ResourceFailure(
            'CloudFormation did not receive a response from your Custom Resource. ' +
              `Please check your logs for requestId [${RequestId}].`,
          ),
        );
      });
    });
    try {
      await context.call('lambda', 'Invoke', {
        FunctionName: properties.ServiceToken,
        InvocationType: 'Event',
        Payload: JSON.stringify(event),
      });
      invoked();
      const response = await cloud.clock.idle(answered);
      if (response.Status === 'SUCCESS') return response;
      const reason = response.Reason ?? 'No reason was given';
      throw new ResourceFailure(
        `Received response status [FAILED] from custom resource. Message returned: ${reason} (RequestId: ${RequestId})`,
        response.PhysicalResourceId,
      );
    } finally {
      cancel();
      waiting.delete(token);
      answered.catch(() => {});
    }
  };

  const made = ({ PhysicalResourceId, Data }: CustomResourceResponse, otherwise: string): Made => ({
    physicalId: PhysicalResourceId ?? otherwise,
    attributes: Data ?? {},
  });

  const type = (name: string): ResourceType => ({
    properties: ['*'],
    replacing: ['ServiceToken'],
    async create(context, properties) {
      if (typeof properties.ServiceToken !== 'string') {
        throw new ResourceFailure('Invalid template resource property: ServiceToken is required');
      }
      const own = context.name();
      // once the function has been asked, whatever it has begun is undone by a Delete
      const asked = ask(name, context, properties, { RequestType: 'Create' }, () => context.identify(own));
      const response = await asked.catch((error: unknown) => {
        if (error instanceof ResourceFailure && error.physicalId) context.identify(error.physicalId);
        throw error;
      });
      return made(response, own);
    },
    async update(context, before, properties, old) {
      const PhysicalResourceId = before.physicalId;
      const OldResourceProperties = asStrings(old);
      const request = { RequestType: 'Update', PhysicalResourceId, OldResourceProperties };
      return made(await ask(name, context, properties, request), PhysicalResourceId);
    },
    async delete(context, PhysicalResourceId, properties) {
      await ask(name, context, properties, { RequestType: 'Delete', PhysicalResourceId });
    },
  });

  return { open, type };
}
