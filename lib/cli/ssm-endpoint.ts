/** Parameter Store's endpoint, by the SDK's own rules for the environment: the service's, then the general one. */
export function ssmEndpoint(region: string, env: Readonly<Record<string, string | undefined>>): string {
  const named = env.AWS_ENDPOINT_URL_SSM || env.AWS_ENDPOINT_URL;
  if (named) return new URL(named).origin;
  return `https://ssm.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}
