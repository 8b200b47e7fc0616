import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { PlatformStack } from '../../lib/stacks/platform-stack.ts';
import { SandboxStack } from '../../lib/stacks/sandbox-stack.ts';
import { fill, type Json } from './template.ts';

export const SANDBOX = 'sb-1234abcd';
export const OTHER_SANDBOX = 'sb-5678ef01';
export const OPERATOR_PATTERN = 'arn:aws:iam::111122223333:user/dev-*';

/** What `km create` fills in for a docker sandbox with GitHub and a TTL. */
export const SANDBOX_PARAMETERS = {
  SandboxId: SANDBOX,
  ProfileName: 'my-profile',
  Substrate: 'docker',
  TrustedPrincipalArns: OPERATOR_PATTERN,
  RefreshEvent1: '{"sandbox_id":"sb-1234abcd","allowed_repos":["my-user/my-repo"],',
  RefreshEvent2: '"permissions":{"contents":"read","metadata":"read"}}',
  RefreshStart: '2026-11-20T10:45:00Z',
  ExpiresAt: '2026-11-20T14:00:00',
};

/** Runs `use` with a folder that stands for the bundled function and one for the output, and removes both. */
export const inTemporaryFolders = <T>(use: (functionCode: string, outdir: string) => T): T => {
  const folder = mkdtempSync(join(tmpdir(), 'km-stacks-'));
  try {
    const functionCode = join(folder, 'function');
    mkdirSync(functionCode);
    writeFileSync(join(functionCode, 'index.cjs'), 'exports.handler = async () => {};\n');
    return use(functionCode, join(folder, 'cdk.out'));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** Both templates, and the sandbox's artifact manifest, without the validations that nag.test.ts runs. */
export const synthesize = (): {
  platform: Json;
  sandbox: Json;
  sandboxAssets: number;
  needsLookUps: boolean;
} =>
  inTemporaryFolders((functionCode, outdir) => {
    process.env.CDK_VALIDATION = 'false';
    const app = new App({ outdir });
    new PlatformStack(app, 'KmPlatform', { functionCode });
    new SandboxStack(app, 'KmSandbox');
    const assembly = app.synth();
    const sandbox = assembly.getStackByName('KmSandbox');
    return {
      platform: assembly.getStackByName('KmPlatform').template,
      sandbox: sandbox.template,
      sandboxAssets: sandbox.assets.length + sandbox.dependencies.length,
      needsLookUps: (assembly.manifest.missing ?? []).length > 0,
    };
  });

/** The sandbox's template, filled in as for {@link SANDBOX}, with these parameters on top. */
export const fillSandbox = (template: Json, parameters: Readonly<Record<string, string>> = {}) =>
  fill(template, { ...SANDBOX_PARAMETERS, ...parameters });
