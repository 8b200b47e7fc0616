/** Runs inside `km exec`: times a credential through km's helper against its references, and prints the samples. */
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { measure, type Subject } from './measure.ts';

const rounds = Number(process.argv[2]);
const origin = process.env.KM_GITHUB_URL ?? '';
const { host, protocol } = new URL(origin);
const request = `protocol=${protocol.slice(0, -1)}\nhost=${host}\npath=my-user/my-repo.git\n\n`;
const parameter = `/sandbox/${process.env.KM_SANDBOX_ID}/github-token`;

const answer = await fetch(process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? '', {
  headers: { authorization: process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? '' },
});
const held = (await answer.json()) as { AccessKeyId: string; SecretAccessKey: string; Token: string };

const curlConfig = [
  `url = "${process.env.AWS_ENDPOINT_URL}/"`,
  `user = "${held.AccessKeyId}:${held.SecretAccessKey}"`,
  `header = "X-Amz-Security-Token: ${held.Token}"`,
  'header = "X-Amz-Target: AmazonSSM.GetParameter"',
  'header = "Content-Type: application/x-amz-json-1.1"',
  `aws-sigv4 = "aws:amz:${process.env.AWS_REGION}:ssm"`,
  `data = "{\\"Name\\":\\"${parameter}\\",\\"WithDecryption\\":true}"`,
  'silent',
  'fail',
].join('\n');

const subjects: Subject[] = [
  { name: 'git credential fill, km helper', command: ['git', 'credential', 'fill'], input: request },
  { name: 'one bare curl request', command: ['curl', '--config', '-'], input: curlConfig },
];
if ((process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'aws')))) {
  const helper = join(dirname(import.meta.filename), 'aws-cli-credential-helper');
  const env = { ...process.env, GIT_CONFIG_COUNT: '2' };
  Object.assign(env, {
    GIT_CONFIG_KEY_0: 'credential.helper',
    GIT_CONFIG_VALUE_0: `${helper} ${parameter}`,
    GIT_CONFIG_KEY_1: 'credential.useHttpPath',
    GIT_CONFIG_VALUE_1: 'true',
  });
  subjects.push({
    name: 'git credential fill, aws ssm get-parameter',
    command: ['git', 'credential', 'fill'],
    input: request,
    env,
  });
}
console.log(JSON.stringify(measure(subjects, rounds)));
