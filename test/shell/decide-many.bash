#!/bin/bash -p
# Summary: decides many requests in one process, with the functions that askpass and the credential helper use
# Usage: decide-many.bash SCRIPTS prompt|request <NUL-separated
#
# For each, one line: the owner whose token would answer, or - when nothing would.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
LC_ALL=C
# shellcheck source=../../scripts/sandbox/policy.bash
source "$1/policy.bash"
# shellcheck source=../../scripts/sandbox/credential-decision.bash
source "$1/credential-decision.bash"
# shellcheck source=../../scripts/sandbox/credential-request.bash
source "$1/credential-request.bash"

policy_load "$1/policy"
while IFS= read -r -d '' text; do
  if [[ $2 == prompt ]]; then
    decide_prompt "$text" || owner=-
  else
    { parse_request "$text" && decide_request "$protocol" "$host" "$path" "$username"; } || owner=-
  fi
  printf '%s\n' "$owner"
done
