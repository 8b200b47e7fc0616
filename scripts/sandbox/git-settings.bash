# shellcheck shell=bash
# shellcheck disable=SC2034 # the arrays are for the script that sources this
# Summary: reads the git settings that git-settings states. Sourced.
#
#   git_settings DIR ORIGIN    puts them, with the placeholders filled, into the arrays setting_keys and setting_values

git_settings() {
  local key value
  setting_keys=() setting_values=()
  while IFS=' ' read -r key value; do
    [[ -n $key && $key != '#'* ]] || continue
    key=${key//@GIT@/$2} value=${value//@DIR@/$1}
    setting_keys+=("$key")
    setting_values+=("${value//@HOST@/${2#*://}}")
  done <"${BASH_SOURCE[0]%/*}/git-settings"
}
