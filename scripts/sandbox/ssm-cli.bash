# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables pass between the sourced files, as each header says
# Summary: asks Parameter Store through the AWS CLI, for machines whose curl is missing or cannot sign. Sourced.
#
#   ssm_cli NAME    sets ssm_body and ssm_now, or fails with ssm_error, as ssm_request does
#
# The CLI finds credentials by itself, also where ssm_request does not look (profiles, web identity).

ssm_cli() {
  local endpoint region
  type -P aws >/dev/null || return 1
  policy_value ssm || return 1
  endpoint=$REPLY
  policy_value region || return 1
  region=$REPLY
  # No Date here: the machine's clock stands in for the service's.
  printf -v ssm_now '%(%s)T' -1
  ssm_body=$(AWS_PAGER='' aws ssm get-parameter --name "$1" --with-decryption --output json \
    --region "$region" --endpoint-url "$endpoint" 2>&1) && return
  case $ssm_body in
  *'An error occurred ('*) ssm_error=${ssm_body#*An error occurred (} ssm_error=${ssm_error%%)*} ;;
  *redentials*) ssm_error=NoCredentials ;;
  *) ssm_error='Unreachable (AWS CLI)' ;;
  esac
  return 1
}
