import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AssumableSandbox } from './assume-sandbox.ts';
import type { SandboxContext } from './context.ts';
import { renewedCredentials } from './renewed-credentials.ts';

const PATH = '/credentials';

export interface CredentialsEndpoint {
  /** For `AWS_CONTAINER_CREDENTIALS_FULL_URI`. */
  readonly url: string;
  /** For `AWS_CONTAINER_AUTHORIZATION_TOKEN`: what a request must carry. It opens this endpoint and nothing else. */
  readonly authorization: string;
  close(): Promise<void>;
}

/**
 * Serves the credentials of a sandbox's role on loopback for as long as a command runs, and renews them, as ECS does.
 * So no credential is in the command's environment, and none expires under it.
 *
 * The first credentials are fetched before it returns: throws what {@link assumeSandbox} throws.
 * {@link https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html}
 */
export async function startCredentialsEndpoint(
  context: SandboxContext,
  sandbox: AssumableSandbox,
): Promise<CredentialsEndpoint> {
  const authorization = Buffer.from(context.randomBytes(32)).toString('base64url');
  const credentials = await renewedCredentials(context, sandbox);

  const server = createServer((request, response) => {
    if (!isAllowed(request, authorization)) return answer(response, 403, { message: 'not allowed' });
    if (request.method !== 'GET' || request.url !== PATH)
      return answer(response, 404, { message: 'not found' });
    credentials().then(
      (held) =>
        answer(response, 200, {
          RoleArn: sandbox.roleArn,
          AccessKeyId: held.accessKeyId,
          SecretAccessKey: held.secretAccessKey,
          Token: held.sessionToken,
          Expiration: held.expiration.toISOString(),
        }),
      () => answer(response, 503, { message: 'the role cannot be assumed any more' }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${PATH}`,
    authorization,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The Host is checked too, so that no web page can reach it by a name that it points to loopback. */
function isAllowed(request: IncomingMessage, authorization: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(authorization);
  const named = /^127\.0\.0\.1(?::\d+)?$/.test(request.headers.host ?? '');
  return named && given.length === wanted.length && timingSafeEqual(given, wanted);
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
