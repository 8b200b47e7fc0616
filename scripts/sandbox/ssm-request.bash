# shellcheck shell=bash
# shellcheck disable=SC2031,SC2034,SC2154 # variables pass between the sourced files, as each header says
# Summary: asks Parameter Store for one parameter, signed (SigV4) by curl. Sourced by github-token.bash.
#
#   ssm_request NAME    on success sets ssm_body (the JSON answer) and ssm_now (its Date, seconds since 1970);
#                       else fails with ssm_error: AWS's error code, Unreachable, CannotSign, NoCurl or NoCredentials
#
# The configuration, with the secret in it, goes to curl on its standard input through a pipe: a here-string would
# be a file in bash before 5.1. Credentials are fetched on that side of the pipe, while curl is still starting.

ssm_request() {
  local attempt
  ssm_error=NoCurl
  type -P curl >/dev/null || return 1
  for attempt in 1 2 3; do
    ssm_attempt "$1" && return
    case $ssm_error in Throttling* | *LimitExceeded | TooManyRequests* | Internal* | HTTP429 | HTTP5*) ;; *) return 1 ;; esac
    ((attempt == 3)) || sleep "0.$((RANDOM % 5 + 2 * attempt))"
  done
  return 1
}

ssm_attempt() {
  local answer='' status codes=(0 0)
  # With lastpipe, read runs in this shell. It fails at the end of the answer, which leaves the statuses to look at.
  shopt -s lastpipe
  { source "$token_parts/aws-credentials.bash" && aws_credentials && ssm_config "$1"; } |
    curl -q -K - 2>/dev/null | IFS= read -r -N 65536 answer || codes=("${PIPESTATUS[@]}")
  ssm_error=NoCredentials
  ((codes[0] == 0)) || return 1
  ssm_error=CannotSign
  ((codes[1] != 2 && codes[1] != 4 && codes[1] != 48)) || return 1
  ssm_error="Unreachable (curl ${codes[1]})"
  [[ ${codes[1]} == 0 && $answer == HTTP/*' '[1-5][0-9][0-9]*$'\r\n\r\n'* ]] || return 1
  status=${answer#* } status=${status:0:3}
  ssm_body=${answer#*$'\r\n\r\n'} answer=${answer#*$'\n'[Dd]ate:}
  printf -v ssm_now '%(%s)T' -1
  if http_date "${answer:1:29}"; then ssm_now=$REPLY; fi
  [[ $status != 200 ]] || return 0
  ssm_error=HTTP$status
  if json_string __type "$ssm_body"; then ssm_error=${REPLY##*#}; fi
  return 1
}

ssm_config() {
  policy_value region && local region=$REPLY && policy_value ssm || return 1
  # An http endpoint is the local cloud's: what it answers in plain text is not for a proxy.
  [[ $REPLY != http:* ]] || printf 'noproxy = "*"\n'
  printf '%s\n' silent include suppress-connect-headers 'max-time = 10' 'connect-timeout = 4' "url = \"$REPLY/\"" \
    "aws-sigv4 = \"aws:amz:$region:ssm\"" "user = \"$aws_key:$aws_secret\"" \
    'header = "Content-Type: application/x-amz-json-1.1"' 'header = "X-Amz-Target: AmazonSSM.GetParameter"' \
    ${aws_session:+"header = \"X-Amz-Security-Token: $aws_session\""} \
    "data = \"{\\\"Name\\\":\\\"$1\\\",\\\"WithDecryption\\\":true}\""
}
