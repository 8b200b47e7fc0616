# shellcheck shell=bash
# Summary: takes one string out of a JSON text. Sourced.
#
#   json_string KEY TEXT    puts the string under the first KEY into REPLY; fails when there is none
#
# Within a JSON string every quote has a backslash before it, so that "KEY" in quotes can only be a whole string, and
# with a colon behind it only a key. Of the escapes only \/ is taken; a value with any other is refused, not guessed.

json_string() {
  local between
  REPLY=${2#*\""$1"\"}
  between=${REPLY%%\"*}
  [[ $REPLY != "$2" && $between != "$REPLY" && ${between//[[:space:]]/} == : ]] || return 1
  REPLY=${REPLY#*\"}
  [[ $REPLY == *\"* ]] || return 1
  REPLY=${REPLY%%\"*}
  REPLY=${REPLY//\\\//\/}
  [[ $REPLY != *\\* ]]
}
