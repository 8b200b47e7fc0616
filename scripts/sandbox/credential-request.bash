# shellcheck shell=bash
# shellcheck disable=SC2034 # the attributes are for the script that sources this
# Summary: reads the attributes of a credential request in git's own format. Sourced.
#
#   parse_request TEXT    sets protocol, host, path and username, or fails with `refusal`
#
# `key=value` lines up to an empty line or the end. What git never sends is refused, not worked around: control
# characters (a carriage return ends a line for some readers), a line without a key, an attribute that comes twice,
# and `url`, which would say again, and otherwise, what the other attributes say.
# https://git-scm.com/docs/git-credential#IOFMT

parse_request() {
  local LC_ALL=C text=${1%$'\n'}$'\n' line key seen=' '
  protocol='' host='' path='' username='' refusal='the request is malformed'
  [[ ${text//$'\n'/} != *[[:cntrl:]]* ]] || return 1
  while [[ -n $text ]]; do
    line=${text%%$'\n'*} text=${text#*$'\n'}
    [[ -n $line ]] || break
    [[ $line == *=* ]] || return 1
    key=${line%%=*} line=${line#*=}
    [[ $key != *'[]' ]] || continue
    [[ -n $key && $key != url && $key != *[!A-Za-z0-9_-]* && $seen != *" $key "* ]] || return 1
    seen+="$key "
    case $key in
    protocol) protocol=$line ;;
    host) host=$line ;;
    path) path=$line ;;
    username) username=$line ;;
    esac
  done
  [[ -n $protocol && -n $host && -z $text ]]
}
