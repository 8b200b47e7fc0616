# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables pass between the sourced files, as each header says
# Summary: one request to a credentials endpoint on this machine, without a process of its own. Sourced.
#
#   http_request METHOD URL [HEADER…]    puts the answer into http_status and http_body; fails when there is none
#
# Only plain http, and only to the addresses that the AWS SDKs allow for it: loopback, ECS, EKS Pod Identity and
# instance metadata. HTTP/1.0, so that no server answers in chunks, and the end of the answer is the end of the stream.
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html

shopt -s extglob

http_request() {
  local LC_ALL=C method=$1 url=$2 host port path request answer='' fd
  shift 2
  http_status='' http_body=''
  [[ $url == http://* && $url != *[^[:graph:]]* ]] || return 1
  host=${url#http://} path=/
  [[ $host != */* ]] || path=/${host#*/}
  host=${host%%/*} port=80
  [[ $host != *:+([0-9]) ]] || { port=${host##*:} && host=${host%:*}; }
  case $host in
  127.+([0-9]).+([0-9]).+([0-9]) | localhost | \[::1\]) ;;
  169.254.170.2 | 169.254.170.23 | \[fd00:ec2::23\] | 169.254.169.254 | \[fd00:ec2::254\]) ;;
  *) return 1 ;;
  esac
  url=${host#[} url=${url%]}
  { exec {fd}<>"/dev/tcp/$url/$port"; } 2>/dev/null || return 1
  printf -v request '%s\r\n' "$method $path HTTP/1.0" "Host: $host:$port" 'Accept: application/json' "$@" ''
  # A server that has hung up must not end this script by SIGPIPE.
  trap '' PIPE
  printf '%s' "$request" 1>&"$fd" 2>/dev/null || :
  trap - PIPE
  IFS= read -r -t 5 -N 65536 -u "$fd" answer 2>/dev/null || :
  exec {fd}>&-
  [[ $answer =~ ^HTTP/1\.[01]\ ([0-9]{3}) && $answer == *$'\r\n\r\n'* ]] || return 1
  http_status=${BASH_REMATCH[1]} http_body=${answer#*$'\r\n\r\n'}
}
