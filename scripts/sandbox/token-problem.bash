# shellcheck shell=bash
# Summary: says in one line on stderr why there is no token, and what to do. Sourced when there is none.
#
#   token_problem OWNER PARAMETER ERROR [DETAIL]    ERROR is AWS's code, or one of ssm_request's own
#
# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html#API_GetParameter_Errors

token_problem() {
  local owner=$1 parameter=$2 error=$3 detail=${4:-} sandbox='?' endpoint='?' why
  policy_value sandbox && sandbox=$REPLY
  policy_value ssm && endpoint=$REPLY
  case ${error%Exception} in
  Expired)
    why="it expired $detail ago and was not refreshed. Ask the sandbox's operator for: km refresh $sandbox" ;;
  NoToken)
    why="$parameter does not hold one. Ask the sandbox's operator for: km refresh $sandbox" ;;
  NoOwner)
    why="the policy of $sandbox names no parameter for this owner" ;;
  AccessDenied)
    why="no access to $parameter (AccessDenied). Only the role of $sandbox may read it: check whose credentials these are" ;;
  ParameterNotFound | ParameterVersionNotFound)
    why="no such sandbox: $parameter does not exist, so $sandbox was destroyed or its TTL is over. Create a new one" ;;
  NoCredentials)
    why="$detail. Run this with the role of $sandbox" ;;
  NoCurl)
    why="neither curl nor the AWS CLI is installed. Install curl 7.75 or newer" ;;
  CannotSign)
    why="this curl cannot sign requests to AWS. Install curl 7.75 or newer, or the AWS CLI" ;;
  Unreachable*)
    why="$endpoint cannot be reached${error#Unreachable}. Check the sandbox's network and proxy" ;;
  Throttling* | *LimitExceeded | TooManyRequests | HTTP429)
    why="Parameter Store is throttling requests. Try again in a few seconds" ;;
  ExpiredToken | UnrecognizedClient | InvalidClientTokenId | *Signature* | RequestExpired)
    why="AWS does not accept the credentials ($error). They expired or are not $sandbox's; check the machine's clock too" ;;
  *)
    why="Parameter Store answered ${error//[^A-Za-z0-9_.]/?}. Ask the sandbox's operator for: km doctor" ;;
  esac
  printf '[km] No GitHub token for %s: %s.\n' "$owner" "$why" >&2
}
