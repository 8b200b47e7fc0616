/**
 * Builds dist/: the command line (dist/km.js and its lazily loaded chunks), the refresher's bundle
 * (dist/refresher/) and the two CloudFormation templates (dist/templates/). `npm ci` runs it by `prepare`.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');
const assembly = join(root, 'cdk.out');
const refresher = join(root, 'lambda/refresh');

const shared: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  platform: 'node',
  legalComments: 'none',
  logLevel: 'warning',
  mainFields: ['module', 'main'],
};

/** One entry and a chunk for each command, so that `km --help` loads no SDK. */
async function buildCommandLine(): Promise<void> {
  await build({
    ...shared,
    entryPoints: { km: 'bin/km.ts' },
    outdir: 'dist',
    format: 'esm',
    target: 'node24',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    // The CommonJS packages in the bundle ask for Node's own modules by require().
    banner: {
      js: "import { createRequire as kmCreateRequire } from 'node:module';const require = kmCreateRequire(import.meta.url);",
    },
  });
  chmodSync(join(dist, 'km.js'), 0o755);
}

/** Makes of an import() of the refresher's own a bundle beside it, which is read only when it is needed. */
const bundledApart: Plugin = {
  name: 'bundled-apart',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\// }, ({ importer, kind, path }) =>
      kind === 'dynamic-import' && dirname(importer) === refresher
        ? { path: path.replace(/\.ts$/, '.cjs'), external: true }
        : undefined,
    );
  },
};

const parameterStoreSchemas = /client-ssm[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/;

/**
 * Leaves out of Parameter Store's client what no call of the refresher needs, two thirds of it: the classes of its 130 errors,
 * in whose place the SDK then throws its base class with the error's own name, which is all that km goes by; and, by writing the
 * names of fields where they are used, each schema that nothing refers to. See docs/decisions/one-http-client.md.
 */
const leanSchemas: Plugin = {
  name: 'lean-schemas',
  setup: ({ onLoad }) => {
    onLoad({ filter: parameterStoreSchemas }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const names = new Map(
        [...source.matchAll(/^const (_\w+) = ("[^"]*");$/gm)].map(([, name, text]) => [name, text]),
      );
      const contents = source
        .replace(/^n0_registry\.registerError\(.*\n/gm, '')
        .replace(/\[(_\w+)\]:/g, (key, name) => (names.has(name) ? `${names.get(name)}:` : key));
      return { contents };
    });
  },
};

/** CommonJS, since it starts faster than ES modules do: docs/benchmarks.md has the figures. */
async function buildRefresher(): Promise<void> {
  await build({
    ...shared,
    entryPoints: {
      index: 'lambda/refresh/index.ts',
      'describe-calls': 'lambda/refresh/describe-calls.ts',
      'kms-calls': 'lambda/refresh/kms-calls.ts',
      'on-fleet-action': 'lambda/refresh/on-fleet-action.ts',
      'on-inspection': 'lambda/refresh/on-inspection.ts',
      'on-reconfigure': 'lambda/refresh/on-reconfigure.ts',
      'sqs-calls': 'lambda/refresh/sqs-calls.ts',
      'stack-calls': 'lambda/refresh/stack-calls.ts',
    },
    plugins: [bundledApart, leanSchemas],
    outdir: 'dist/refresher',
    outExtension: { '.js': '.cjs' },
    // Only services that stream ask for it; it would load zlib.
    external: ['@smithy/core/event-streams'],
    alias: { '@aws-sdk/credential-provider-node': './lambda/refresh/no-credential-chain.ts' },
    format: 'cjs',
    target: 'node24',
    // As require(): an import() of node:http makes Node load all of its WebSocket and fetch.
    supported: { 'dynamic-import': false },
  });
}

/** Runs the CDK app itself, without the CDK command line, and keeps the templates that km needs at run time. */
function synthesize(): void {
  execFileSync(process.execPath, [join(root, 'bin/cdk.ts')], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, CDK_OUTDIR: assembly, CDK_VALIDATION: 'false' },
  });
  mkdirSync(join(dist, 'templates'), { recursive: true });
  for (const [artifact, name] of [
    ['KmPlatform', 'platform'],
    ['KmSandbox', 'sandbox'],
  ] as const) {
    const template: unknown = JSON.parse(readFileSync(join(assembly, `${artifact}.template.json`), 'utf8'));
    writeFileSync(join(dist, 'templates', `${name}.template.json`), JSON.stringify(template));
  }
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
await Promise.all([buildCommandLine(), buildRefresher()]);
synthesize();
