# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables pass between the sourced files, as each header says
# Summary: reads the answer of GetParameter. Sourced after json-string.bash and http-date.bash.
#
#   ssm_token       puts the parameter's value into REPLY; fails unless it has the form of an installation token
#   ssm_modified    puts into REPLY when it was written, seconds since 1970; fails when the answer does not tell
#
# Both forms of token (ghs_ and 36 characters, ghs_APPID_JWT) are of these characters; a parameter holds 4 KB.

ssm_token() {
  json_string Value "$ssm_body" || return 1
  # By length and not by a regex: {36,4090} takes the C library a tenth of a second.
  [[ $REPLY == ghs_* && $REPLY != *[!A-Za-z0-9._-]* ]] && ((${#REPLY} >= 40 && ${#REPLY} <= 4096))
}

# The service writes a number, at times as 1.763629200123E9; the AWS CLI writes ISO 8601.
ssm_modified() {
  local number=${ssm_body#*\"LastModifiedDate\"} exponent=0
  number=${number#*:} number=${number%%[,\}]*} number=${number//[[:space:]]/}
  if [[ $number == *[Ee]* ]]; then
    exponent=${number##*[Ee]} exponent=${exponent#+} number=${number%%[Ee]*}
  fi
  if [[ -n $number && $number$exponent != *[!0-9.]* && $exponent == [0-9]* && ${#exponent} -le 2 ]]; then
    [[ $number == *.* ]] || number+=.
    exponent=$((10#$exponent)) REPLY=${number%%.*} number=${number#*.}000000000000
    REPLY=$((10#$REPLY${number:0:exponent}))
  else
    json_string LastModifiedDate "$ssm_body" && REPLY=$(date -u -d "$REPLY" +%s 2>/dev/null)
  fi
}
