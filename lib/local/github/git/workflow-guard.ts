import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PRE_RECEIVE = `#!/bin/sh
# Refuses pushed commits that touch a workflow, as GitHub does for a token without the workflows permission.
while read -r _ new ref; do
  case $new in *[!0]*) ;; *) continue ;; esac
  file=$(git log -m --format= --name-only "$new" --not --all -- .github/workflows | head -n 1)
  if [ -n "$file" ]; then
    printf 'refusing to allow a GitHub App to create or update workflow \`%s\` without \`workflows\` permission\\n' "$file"
    exit 1
  fi
done
`;

/**
 * Writes the pre-receive hook that guards workflows, into a folder outside every repository, and returns the folder:
 * the core.hooksPath of a push by a token without `workflows: write`.
 */
export const writeWorkflowGuard = (stateDir: string): string => {
  const folder = join(stateDir, 'workflow-guard');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'pre-receive'), PRE_RECEIVE, { mode: 0o755 });
  return folder;
};
