# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables pass between the sourced files, as each header says
# Summary: reads an owner's current GitHub token from Parameter Store. Sourced, with the policy loaded.
#
#   github_token OWNER    sets token, and token_seconds (how long it lives yet); else says why in one line on stderr
#
# An installation token lives for an hour. Whether this one still does is judged by the service's clock, since the
# sandbox's own may be wrong.

# A core dump would put the token and the role's credentials on disk, in the directory that git runs in.
ulimit -Sc 0 2>/dev/null || :

token_parts=${BASH_SOURCE[0]%/*}
# shellcheck source=json-string.bash
source "$token_parts/json-string.bash"
# shellcheck source=http-date.bash
source "$token_parts/http-date.bash"
# shellcheck source=ssm-request.bash
source "$token_parts/ssm-request.bash"
# shellcheck source=ssm-answer.bash
source "$token_parts/ssm-answer.bash"

github_token() {
  local parameter='' problem='' error=''
  token='' token_seconds=3600
  github_token_read "$1" && return
  if [[ $error == NoCredentials ]]; then
    # Where they were looked for was a process of a pipe: what it found wrong is asked for once more.
    # shellcheck source=aws-credentials.bash
    source "$token_parts/aws-credentials.bash"
    aws_credentials || :
  fi
  # shellcheck source=token-problem.bash
  source "$token_parts/token-problem.bash"
  token_problem "$1" "$parameter" "$error" "$problem"
  return 1
}

github_token_read() {
  error=NoOwner
  policy_value "token $1" || policy_value 'token *' || return 1
  parameter=$REPLY
  if ! ssm_request "$parameter"; then
    error=$ssm_error
    [[ $error == No* || $error == CannotSign || $error == *Signature* ]] || return 1
    # shellcheck source=ssm-cli.bash
    source "$token_parts/ssm-cli.bash"
    ssm_cli "$parameter" || { error=$ssm_error && return 1; }
  fi
  error=NoToken
  ssm_token || return 1
  token=$REPLY error=Expired
  ! ssm_modified || token_seconds=$((REPLY + 3600 - ssm_now))
  problem="$((-token_seconds / 60)) min"
  ((token_seconds > 0)) || { token='' && return 1; }
}
