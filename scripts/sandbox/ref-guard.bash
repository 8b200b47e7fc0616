# shellcheck shell=bash
# shellcheck disable=SC2034 # the answers are for the script that sources this
# Summary: decides whether a push may change a ref. Sourced, with the policy loaded.
#
#   guard_load            takes the rules out of the policy; fails when they are incomplete
#   guard_denies LINE     tells whether a line of a pre-push hook's input is denied; the message is in REPLY
#
# A pattern is bash's, and * crosses /. With refs/ in front it is held against the full name, else against the short
# name of a branch or tag. The messages are those of lib/guard, which decides for the proxy.

guard_load() {
  policy_list ref
  guard_patterns=(${REPLIES[@]+"${REPLIES[@]}"})
  policy_value refs && [[ $REPLY == any || $REPLY == listed ]] || return 1
  guard_refs=$REPLY
  policy_value force && guard_force=$REPLY && policy_value delete && guard_delete=$REPLY
}

guard_denies() {
  local LC_ALL=C rest=$1 ref short old new shown status=0
  REPLY='[km] Push denied -- git told the hook something that it cannot read'
  # From the right: what stands first may be an expression with spaces, such as main@{1 day ago}.
  old=${rest##* } rest=${rest% *}
  ref=${rest##* } rest=${rest% *}
  new=${rest##* }
  [[ $rest == *' '* && $ref == refs/?* && $old =~ ^([0-9a-f]{40}|[0-9a-f]{64})$ && ${#new} == "${#old}" ]] || return 0
  case $ref in refs/heads/*) short=${ref#refs/heads/} ;; refs/tags/*) short=${ref#refs/tags/} ;; *) short='' ;; esac
  shown=${short:-$ref} shown=${shown//[[:cntrl:]\']/?}
  REPLY="[km] Push to '$shown' denied -- not in allowedRefs: ${guard_patterns[*]-}"
  ((${#guard_patterns[@]})) || REPLY+='(none)'
  [[ $guard_refs == any ]] || guard_allows "$ref" "$short" || return 0
  if [[ -z ${new//0/} ]]; then
    REPLY="[km] Deletion of '$shown' denied -- allowDeletions is not set"
    [[ $guard_delete != yes ]]
    return
  fi
  REPLY="[km] Forced push to '$shown' denied -- allowForcePushes is not set"
  [[ $guard_force != yes && -n ${old//0/} && $old != "$new" ]] || return 1
  # A tag does not move forward: git itself takes a new value for one only by force.
  [[ $ref != refs/tags/* ]] || return 0
  git --no-replace-objects merge-base --is-ancestor "$old" "$new" 2>/dev/null || status=$?
  ((status < 2)) || REPLY+=", and whether this one is forced cannot be told: ${old:0:12} is not here; git fetch first"
  ((status))
}

guard_allows() {
  local pattern name
  for pattern in ${guard_patterns[@]+"${guard_patterns[@]}"}; do
    if [[ $pattern == refs/* ]]; then name=$1; else name=$2; fi
    # shellcheck disable=SC2053 # the right side is a pattern
    [[ -z $name || $name != $pattern ]] || return 0
  done
  return 1
}
