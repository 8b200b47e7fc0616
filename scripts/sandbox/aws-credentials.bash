# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables pass between the sourced files, as each header says
# Summary: finds the AWS credentials of the sandbox's role. Sourced after json-string.bash.
#
#   aws_credentials    sets aws_key, aws_secret and aws_session, or fails with `problem`
#
# In this order: the container endpoint (km exec, EKS Pod Identity, ECS), the environment's keys, IMDSv2 (EC2).
# They stay in this shell's variables: in no file, no argument, and no environment of another process.

# shellcheck source=plain-http.bash
source "${BASH_SOURCE[0]%/*}/plain-http.bash"

aws_credentials() {
  local endpoint=${AWS_CONTAINER_CREDENTIALS_FULL_URI:-}
  [[ -z $endpoint && -n ${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI:-} ]] &&
    endpoint=http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
  if [[ -n $endpoint ]]; then
    aws_container_credentials "$endpoint" || return 1
  elif [[ -n ${AWS_ACCESS_KEY_ID:-} && -n ${AWS_SECRET_ACCESS_KEY:-} ]]; then
    aws_key=$AWS_ACCESS_KEY_ID aws_secret=$AWS_SECRET_ACCESS_KEY aws_session=${AWS_SESSION_TOKEN:-}
  else
    aws_instance_credentials || return 1
  fi
  problem='the AWS credentials hold characters that no AWS credential has'
  # What goes into curl's configuration later must not be able to end its quotes or its line.
  [[ $aws_key$aws_secret$aws_session != *[^[:graph:]]* && $aws_key$aws_secret$aws_session != *[\"\\]* ]]
}

aws_container_credentials() {
  local token=${AWS_CONTAINER_AUTHORIZATION_TOKEN:-} file=${AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE:-}
  problem='the token of the container credentials endpoint cannot be read (AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE)'
  if [[ -n $file ]]; then
    token=
    { IFS= read -r token <"$file" || [[ -n $token ]]; } 2>/dev/null || return 1
  fi
  [[ $token != *[[:cntrl:]]* ]] || return 1
  problem='no answer from the container credentials endpoint, or it is not one of ECS, EKS or loopback'
  http_request GET "$1" ${token:+"Authorization: $token"} || return 1
  problem="the container credentials endpoint answered $http_status"
  [[ $http_status == 200 ]] && aws_parse_credentials
}

aws_instance_credentials() {
  local base=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254} token path=latest/meta-data/iam/security-credentials/
  problem='no AWS credentials: no container endpoint, no keys in the environment, no instance metadata'
  base=${base%/}
  [[ ${AWS_EC2_METADATA_DISABLED:-} != [Tt][Rr][Uu][Ee] ]] || return 1
  # Elsewhere than on EC2 the address may swallow packets, and bash has no timeout of its own for connecting.
  [[ $base != *//169.254.* ]] || timeout 1 bash -c ': </dev/tcp/169.254.169.254/80' 2>/dev/null || return 1
  http_request PUT "$base/latest/api/token" 'X-aws-ec2-metadata-token-ttl-seconds: 60' 'Content-Length: 0' || return 1
  token=$http_body
  [[ $http_status == 200 && $token != *[^[:graph:]]* ]] || return 1
  problem='this instance has no role: attach the instance profile of the sandbox'
  http_request GET "$base/$path" "X-aws-ec2-metadata-token: $token" || return 1
  [[ $http_status == 200 && $http_body =~ ^[[:graph:]]+ ]] || return 1
  http_request GET "$base/$path${BASH_REMATCH[0]}" "X-aws-ec2-metadata-token: $token" || return 1
  [[ $http_status == 200 ]] && aws_parse_credentials
}

aws_parse_credentials() {
  problem='the credentials endpoint answered without AWS credentials'
  json_string AccessKeyId "$http_body" && aws_key=$REPLY || return 1
  json_string SecretAccessKey "$http_body" && aws_secret=$REPLY || return 1
  json_string Token "$http_body" && aws_session=$REPLY
}
