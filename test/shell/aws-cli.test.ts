import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from './scripts.ts';
import { KEYS, PARAMETER, printed, refused, TOKEN, tokenReader } from './token-reader.ts';

const reader = tokenReader();

describe('the AWS CLI stands in', () => {
  /** A stand-in for the CLI that notes its arguments and answers as the real one does. */
  const withCli = (answer: string, tools: readonly string[] = ['date', 'cat']): string => {
    const folder = reader.tools(tools);
    const script = `#!/bin/bash\nprintf '%s\\n' "$*" >>${reader.place.root}/cli\n${answer}\n`;
    writeFileSync(join(folder, 'aws'), script, { mode: 0o755 });
    return folder;
  };
  const found = (modified: string) =>
    `cat <<'END'\n${JSON.stringify({ Parameter: { Name: PARAMETER, Value: TOKEN, LastModifiedDate: modified } }, null, 4)}\nEND`;

  test('where curl is missing', async () => {
    const PATH = withCli(found(new Date().toISOString()));
    expect(await reader.read({ ...KEYS, PATH })).toEqual(printed);
    const { stdout } = await run('cat', [`${reader.place.root}/cli`]);
    expect(stdout).toBe(
      `ssm get-parameter --name ${PARAMETER} --with-decryption --output json --region us-east-1 --endpoint-url ${reader.aws.url}\n`,
    );
  });

  test('where curl cannot sign', async () => {
    const PATH = withCli(found(new Date().toISOString()));
    writeFileSync(join(PATH, 'curl'), '#!/bin/bash\ncat >/dev/null\nexit 2\n', { mode: 0o755 });
    expect(await reader.read({ ...KEYS, PATH })).toEqual(printed);
  });

  test('where AWS does not take the signature of an old curl', async () => {
    const PATH = withCli(found(new Date().toISOString()), ['curl', 'date', 'cat']);
    reader.aws.failures.push([403, { __type: 'InvalidSignatureException' }]);
    expect(await reader.read({ ...KEYS, PATH })).toEqual(printed);
  });

  test('and its answer expires too', async () => {
    const PATH = withCli(found(new Date(Date.now() - 2 * 3_600_000).toISOString()));
    expect(await reader.read({ ...KEYS, PATH })).toEqual(
      refused(
        "it expired 60 min ago and was not refreshed. Ask the sandbox's operator for: km refresh sb-1234abcd",
      ),
    );
  });

  test('and its errors are told alike', async () => {
    const error = 'An error occurred (AccessDeniedException) when calling the GetParameter operation: no';
    const PATH = withCli(`echo '${error}' >&2; exit 254`);
    expect((await reader.read({ ...KEYS, PATH })).stderr).toContain(
      `no access to ${PARAMETER} (AccessDenied)`,
    );
  });

  test('and is not asked when access is denied', async () => {
    const PATH = withCli(found(new Date().toISOString()), ['curl', 'date', 'cat']);
    reader.aws.failures.push([400, { __type: 'AccessDeniedException' }]);
    expect((await reader.read({ ...KEYS, PATH })).stderr).toContain('AccessDenied');
    expect((await run('cat', [`${reader.place.root}/cli`])).status).toBe(1);
  });
});
