# shellcheck shell=bash
# Summary: finds the hook that git would have run had core.hooksPath not been set to km's hooks. Sourced.
#
#   own_hook NAME HOOKS    puts the path of the repo's own NAME into REPLY; fails when there is none.
#                          HOOKS is km's own directory, which is never the answer
#
# The repo's core.hooksPath comes first (husky sets it), then the user's, then hooks/ in the repo's common directory,
# which all its worktrees share. A relative core.hooksPath counts from where git runs hooks, which is where this runs.
# https://git-scm.com/docs/githooks

own_hook() {
  local scope path hooks=''
  while IFS=$'\t' read -r scope path; do
    # The system's and the command's (GIT_CONFIG_COUNT) are how km sets its own.
    [[ $scope == global || $scope == local || $scope == worktree ]] && [[ -n $path && ! $path -ef $2 ]] && hooks=$path
  done < <(git config --show-scope --type=path --get-all core.hooksPath 2>/dev/null ||
    # git before 2.26 has no --show-scope, and answers with its usage.
    { (($? == 129)) && printf 'local\t' && git config --local --type=path core.hooksPath; } 2>/dev/null)
  if [[ -z $hooks ]]; then
    hooks=$(git rev-parse --git-common-dir 2>/dev/null)/hooks || return 1
  fi
  REPLY=$hooks/$1
  [[ -f $REPLY && -x $REPLY && ! $hooks -ef $2 ]]
}
