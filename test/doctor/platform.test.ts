import { expect, test } from 'vitest';
import { platformDrift, platformStack, platformVersion } from '../../lib/doctor/checks/platform.ts';
import { queues } from '../../lib/doctor/checks/queues.ts';
import { refresherAnswers, refresherConfiguration } from '../../lib/doctor/checks/refresher.ts';
import type { Facts, PlatformFact } from '../../lib/doctor/facts.ts';
import { KmError } from '../../lib/errors.ts';
import { healthyFacts, NOW, names } from './healthy-facts.ts';
import { checkTable } from './run-table.ts';

const platform = (changes: Partial<PlatformFact>): Partial<Facts> => ({
  platform: async () => ({ ...(await healthyFacts().platform()), ...changes }) as PlatformFact,
});
const refresher = (changes: object): Partial<Facts> => ({
  refresher: async () => ({ ...(await healthyFacts().refresher()), ...changes }),
});
const update = `aws lambda update-function-configuration --function-name ${names.functionName}`;
const admin = '   # as an administrator';

checkTable(platformStack, [
  [
    'no stack',
    { platform: async () => undefined },
    ['fail', /^no stack km-platform in us-east-1$/, 'km bootstrap'],
  ],
  [
    'a failed stack',
    platform({ status: 'ROLLBACK_COMPLETE' }),
    ['fail', /ROLLBACK_COMPLETE/, 'km bootstrap'],
  ],
  [
    'an update taken back',
    platform({ status: 'UPDATE_ROLLBACK_COMPLETE' }),
    ['warn', /UPDATE_ROLLBACK/, 'km bootstrap'],
  ],
  ['a stack in motion', platform({ status: 'UPDATE_IN_PROGRESS' }), ['warn', /IN_PROGRESS/, /^km doctor/]],
  ['an updated stack', platform({ status: 'UPDATE_COMPLETE' }), ['ok', /UPDATE_COMPLETE/]],
]);

checkTable(platformVersion, [
  [
    'an older platform',
    platform({ outputs: new Map([['Version', '1.0.0']]) }),
    ['warn', /is 1\.0\.0, this km is 1\.2\.3/, 'km bootstrap'],
  ],
  ['a platform from before', platform({ outputs: new Map() }), ['warn', /from before/, 'km bootstrap']],
]);

checkTable(platformDrift, [
  [
    'drift',
    platform({ drift: 'DRIFTED' }),
    [
      'warn',
      /changed what the stack made.*1m ago/,
      /describe-stack-resource-drifts --stack-name km-platform$/,
    ],
  ],
  [
    'drift that nobody looked for',
    platform({ drift: 'NOT_CHECKED' }),
    ['skip', /not looked at/, /detect-stack-drift --stack-name km-platform/],
  ],
]);

checkTable(refresherConfiguration, [
  [
    'an old runtime',
    refresher({ Runtime: 'nodejs18.x' }),
    ['fail', /runtime nodejs18\.x instead of nodejs24\.x/, `${update} --runtime nodejs24.x${admin}`],
  ],
  [
    'a short timeout',
    refresher({ Timeout: 3 }),
    ['fail', /timeout 3 s instead of 60 s/, `${update} --timeout 60${admin}`],
  ],
  [
    'another handler',
    refresher({ Handler: 'x.y' }),
    ['fail', /handler x\.y/, `${update} --handler index.handler${admin}`],
  ],
  [
    'no environment',
    refresher({ Environment: undefined }),
    [
      'fail',
      /KM_PREFIX is not set instead of km/,
      `${update} --environment 'Variables={KM_PREFIX=km}'${admin}`,
    ],
  ],
  [
    'a variable that km did not set, whose value stays out of sight',
    refresher({ Environment: { Variables: { KM_PREFIX: 'km', GITHUB_TOKEN: 'ghp_secret' } } }),
    [
      'fail',
      /^its environment holds what km did not put there: GITHUB_TOKEN$/,
      `${update} --environment 'Variables={KM_PREFIX=km}'${admin}`,
    ],
  ],
  ['a function that could not start', refresher({ State: 'Failed' }), ['fail', /Failed/, 'km bootstrap']],
  [
    'a failed update',
    refresher({ LastUpdateStatus: 'Failed' }),
    ['warn', /last update failed/, 'km bootstrap'],
  ],
  [
    'no function',
    {
      refresher: async () =>
        Promise.reject(Object.assign(new Error('gone'), { name: 'ResourceNotFoundException' })),
    },
    ['fail', /no function km-github-token-refresher/, 'km bootstrap'],
  ],
]);

checkTable(refresherAnswers, [
  [
    'a function that crashes',
    { inspection: () => Promise.reject(new KmError('ErrRefreshFailed', 'Runtime exited')) },
    ['fail', /Runtime exited/, `aws logs tail ${names.logGroup} --since 1h`],
  ],
  [
    'an older function',
    { inspection: () => Promise.reject(new KmError('ErrPlatformMissing', 'does not take inspect')) },
    ['fail', /does not take/, 'km bootstrap'],
  ],
]);

const waiting = (queue: string): Partial<Facts> => ({
  queue: async (name) => ({ url: `https://sqs/${name}`, messages: name === queue ? 2 : 0 }),
});

checkTable(queues, [
  [
    'dead letters',
    waiting(names.deadLetterQueue),
    ['fail', /^2 refresh\(es\) given up/, /^aws sqs purge-queue --queue-url https:\/\/sqs\/km-refresh-dlq /],
  ],
  [
    'refreshes that are tried again',
    waiting(names.retryQueue),
    ['warn', /2 refresh\(es\) being tried again/, /km doctor/],
  ],
]);

test.each([platformVersion, platformDrift, refresherConfiguration, refresherAnswers, queues])(
  '$id is not looked at without a platform',
  async (check) => {
    await expect(check.run(healthyFacts({ platform: async () => undefined }))).rejects.toThrow(
      'the platform stack is not there',
    );
  },
);

test('drift is told with the age of that knowledge', async () => {
  const facts = healthyFacts(platform({ driftCheckedAt: NOW - 3 * 3_600_000 }));
  expect((await platformDrift.run(facts))[0]?.finding).toBe('none when last looked for, 3h ago');
});
