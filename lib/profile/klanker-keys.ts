/**
 * Keys of a Klanker profile that km accepts without acting on them, by the map that they stand in. What else stands
 * there is a mistake, since these maps also hold what km does act on.
 */
export const KLANKER_KEYS = {
  metadata: ['abstract'],
  spec: [
    'agent',
    'artifacts',
    'budget',
    'cli',
    'email',
    'execution',
    'iam',
    'identity',
    'limits',
    'notification',
    'observability',
    'otp',
    'policy',
    'secrets',
    'sidecars',
  ],
  'spec.lifecycle': ['idleTimeout', 'maxLifetime', 'teardownPolicy'],
  'spec.network': ['enforcement', 'httpsOnly', 'mitm', 'privateSubnet'],
  'spec.network.egress': [
    'allowedDNSSuffixes',
    'allowedMethods',
    'deniedDNSSuffixes',
    'deniedHosts',
    'runtimeDeny',
  ],
  'spec.runtime': [
    'additionalSnapshots',
    'additionalVolume',
    'ami',
    'azPreference',
    'desktop',
    'efsMountPoint',
    'hibernation',
    'instanceType',
    'launchAccount',
    'mountEFS',
    'region',
    'rootVolumeSize',
    'spot',
    'vscode',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const mapAt = (value: unknown, path: string): Readonly<Record<string, unknown>> =>
  path
    .split('.')
    .reduce<Readonly<Record<string, unknown>>>(
      (inner, key) => (inner[key] ?? {}) as Readonly<Record<string, unknown>>,
      value as Readonly<Record<string, unknown>>,
    );

/** The paths in a profile that km accepts without acting on them. */
export const unmanagedPaths = (profile: unknown): readonly string[][] =>
  Object.entries(KLANKER_KEYS).flatMap(([path, keys]) =>
    keys.filter((key) => key in mapAt(profile, path)).map((key) => [...path.split('.'), key]),
  );
