import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, onTestFinished, test, vi } from 'vitest';
import { kmApp } from '../../lib/stacks/app.ts';
import { policyOf } from '../../lib/stacks/grants.ts';
import { inTemporaryFolders } from './synthesize.ts';
import type { Json } from './template.ts';

test('the app has no finding of cdk-nag or CloudFormation that is not acknowledged with a reason', () => {
  vi.stubEnv('CDK_VALIDATION', undefined);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  inTemporaryFolders((functionCode, outdir) => {
    const { app, platform, sandbox } = kmApp({ functionCode, outdir });
    const assembly = app.synth();
    const report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
    const plugins: Json[] = report.pluginReports;
    expect(plugins.map(({ pluginName }) => pluginName)).toContain('CloudFormation Validate');
    expect(new AwsSolutionsChecks().validateScope(app).violations).toEqual([]);
    expect(plugins.flatMap(({ violations }) => violations)).toEqual([]);
    expect(assembly.stacks.map(({ stackName }) => stackName).sort()).toEqual(['km-platform', 'km-sandbox']);
    expect(platform.terminationProtection).toBe(true);
    const reasons = [platform, sandbox]
      .flatMap((stack) => stack.node.findAll())
      .flatMap((construct) => construct.node.metadata)
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.values(data));
    expect(reasons.length).toBeGreaterThan(20);
    for (const reason of reasons) expect(reason).toMatch(/^[A-Z].{20,}\.$/);
  });
});

test('a context prefix names the stacks', () => {
  inTemporaryFolders((functionCode, outdir) => {
    const { platform, sandbox } = kmApp({ functionCode, outdir, context: { prefix: 'acme' } });
    expect([platform.stackName, sandbox.stackName]).toEqual(['acme-platform', 'acme-sandbox']);
  });
});

test.each([
  ['a wildcard without a reason', undefined, 1],
  ['a wildcard with a reason', 'Because the test says so.', 0],
])('%s is %s', (_, wildcard, findings) => {
  inTemporaryFolders((_functionCode, outdir) => {
    const app = new App({ outdir });
    const stack = new Stack(app, 'Stack');
    const document = policyOf(stack, [
      {
        sid: 'Any',
        actions: ['s3:GetObject'],
        resources: ['arn:aws:s3:::a/*'],
        ...(wildcard ? { wildcard } : {}),
      },
    ]);
    new CfnRole(stack, 'Role', {
      assumeRolePolicyDocument: {},
      policies: [{ policyName: 'Any', policyDocument: document }],
    });
    expect(new AwsSolutionsChecks().validateScope(app).violations).toHaveLength(findings);
  });
});
