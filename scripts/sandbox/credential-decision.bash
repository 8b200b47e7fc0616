# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables pass between the sourced files, as each header says
# Summary: decides whether a request of git's for a credential gets one. Sourced after policy.bash.
#
#   decide_request PROTOCOL HOST PATH USERNAME    puts into `owner` whose token answers, or fails with `refusal`;
#                                                 `is_our_host` is yes or no
#   decide_prompt PROMPT                          the same for a prompt of git's; `wanted` is username or password
#
# Nothing is decoded: what is not plainly the configured host and an allowed repo is refused. A name that needs
# decoding, a second @, a port, a trailing dot or a control character cannot be part of either.

decide_request() {
  local LC_ALL=C protocol=$1 host=$2 path=$3 username=$4 rest repo
  owner='' is_our_host=no refusal='the policy names no git host that km answers'
  policy_value git || return 1
  case $REPLY in https://?* | http://127.0.0.1:* | http://localhost:* | http://\[::1\]:*) ;; *) return 1 ;; esac
  refusal='this is not the git host of this sandbox'
  [[ ${REPLY#*://} != *[!a-z0-9.:\[\]-]* && $REPLY == "$protocol://${host,,}" ]] || return 1
  is_our_host=yes refusal='the URL carries a user name; leave it out of the URL'
  [[ -z $username || $username == x-access-token ]] || return 1

  if [[ -z $path ]]; then
    # Without a path the host alone decides, and only where one owner's token is all there is: GitHub holds that
    # token to the allowed repos, so that no other can be reached with it.
    refusal='no repo in the request, and more than one owner is allowed; set credential.useHttpPath=true'
    rest=${policy_text#*$'\n''token '}
    [[ $rest != "$policy_text" && $rest != *$'\n''token '* ]] || return 1
    owner=${rest%% *}
    return 0
  fi

  refusal='the path is not that of a repo'
  # Git LFS asks with the path of its own endpoint below the repo's.
  repo=${path%/info/lfs} rest=${path%%/*}
  repo=${repo#"$rest/"} repo=${repo%.git}
  [[ $path == */* && $rest == [A-Za-z0-9]* && $rest != *[!A-Za-z0-9_-]* ]] || return 1
  [[ -n $repo && $repo != *[!A-Za-z0-9._-]* && $repo != . && $repo != .. ]] || return 1
  repo=${repo,,} rest=${rest,,}
  refusal="$rest/$repo is not in this sandbox's allowedRepos"
  policy_has "repo $rest/$repo" || policy_has "repo $rest/*" || policy_has 'repo *' || return 1
  owner=$rest
}

decide_prompt() {
  local LC_ALL=C url authority path='' username=''
  owner='' wanted='' refusal='this is not a prompt of git for a user name or password'
  case $1 in
  "Username for 'http"*"': ") wanted=username ;;
  "Password for 'http"*"': ") wanted=password ;;
  *) return 1 ;;
  esac
  url=${1:14} url=${url%"': "}
  authority=${url#*://}
  [[ $authority != "$url" ]] || return 1
  # git leaves the slash out where there is no path, and the @ where there is no user.
  [[ $authority != */ && $authority != @* ]] || return 1
  [[ $authority != */* ]] || path=${authority#*/}
  authority=${authority%%/*}
  [[ $authority != *@* ]] || username=${authority%%@*}
  decide_request "${url%%://*}" "${authority#*@}" "$path" "$username"
}
