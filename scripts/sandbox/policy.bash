# shellcheck shell=bash
# Summary: reads the sandbox's policy, which stands beside the scripts. Sourced.
#
#   policy_load FILE    fails when the file is missing, unreadable, or not of version 1
#   policy_value KEY    puts the first value of KEY into REPLY; fails when there is none
#   policy_has LINE     tells whether the policy holds exactly this line
#   policy_list KEY     puts every value of KEY into the array REPLIES
#
# The file is one `key value` a line and was checked line by line when it was written. Look-ups match in the text,
# so that a policy of five hundred repos costs no loop on the way to a credential.

policy_load() {
  policy_text=
  # read tells "end of file" where it found no NUL: its status says nothing here.
  { IFS= read -r -d '' policy_text <"$1" || :; } 2>/dev/null
  policy_text=$'\n'$policy_text
  [[ $policy_text == $'\n''version 1'$'\n'*$'\n' ]]
}

policy_value() {
  [[ $policy_text == *$'\n'"$1 "* ]] || return 1
  REPLY=${policy_text#*$'\n'"$1 "}
  REPLY=${REPLY%%$'\n'*}
}

policy_has() {
  [[ $policy_text == *$'\n'"$1"$'\n'* ]]
}

policy_list() {
  local line
  REPLIES=()
  while IFS= read -r line; do
    [[ $line == "$1 "* ]] && REPLIES+=("${line#"$1 "}")
  done < <(printf '%s' "$policy_text")
  return 0
}
