# shellcheck shell=bash
# Summary: checks every line of a policy before it is installed. Sourced.
#
#   policy_check TEXT    fails with one line on stderr for each thing that is wrong
#
# The scripts trust the policy as it stands: what could end a line, a quote or a pattern early is refused here.

policy_check() {
  local LC_ALL=C line key form number=0 bad=0 seen=$'\n' origin loopback label='[a-z0-9]([a-z0-9-]*[a-z0-9])?'
  loopback='http://(127\.0\.0\.1|localhost|\[::1\]):[0-9]{1,5}'
  origin="(https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?|$loopback)"
  [[ $1 == $'version 1\n'*$'\n' ]] || { echo "[km] The policy does not begin with 'version 1', or its last line has no end." >&2 && bad=1; }
  while IFS= read -r line; do
    number=$((number + 1)) key=${line%% *}
    case $key in
    version) form='1' ;;
    sandbox) form='[a-z][a-z0-9]{0,11}-[0-9a-f]{8}' ;;
    region) form='[a-z]{2}(-[a-z]+)+-[0-9]{1,2}' ;;
    git | ssm) form=$origin ;;
    api) form="$origin(/[A-Za-z0-9._-]+)*" ;;
    token) form='([a-z0-9][a-z0-9_-]*|\*) /[A-Za-z0-9_./-]+' ;;
    repo) form='(\*|[a-z0-9][a-z0-9_-]*/(\*|[a-z0-9._-]+))' ;;
    refs) form='(any|listed)' ;;
    ref) form='[]A-Za-z0-9._/+@#%=,*?[!^-]+' ;;
    force | delete) form='(yes|no)' ;;
    permission) form='[a-z][a-z_]* (read|write)' ;;
    host) form="(\*\.)?($label\.)+[a-z]([a-z0-9-]*[a-z0-9])?" ;;
    graphql) form='read' ;;
    *) form='' ;;
    esac
    if [[ -z $form || ! $line =~ ^"$key "$form$ ]]; then
      printf '[km] The policy has a bad line %d: %q\n' "$number" "$line" >&2
      bad=1
    elif [[ $key != @(token|repo|ref|permission|host) && $seen == *$'\n'"$key"$'\n'* ]]; then
      printf '[km] The policy says %s twice, again in line %d.\n' "$key" "$number" >&2
      bad=1
    fi
    seen+=$key$'\n'
  done < <(printf '%s' "$1")
  for key in sandbox region git ssm refs force delete; do
    [[ $seen == *$'\n'"$key"$'\n'* ]] || { printf '[km] The policy does not say: %s\n' "$key" >&2 && bad=1; }
  done
  return "$bad"
}
