# shellcheck shell=bash
# shellcheck disable=SC2016,SC2154 # what is written expands later; root, target and the settings are the installer's
# Summary: makes git find the settings: system configuration, login shells, and what PAM starts. Sourced by install.
#
#   write_environment     after git_settings; replaces what an earlier run wrote
#   remove_environment
#
# System configuration reaches every git. The variables reach less, and outrank a repo's core.hooksPath: profile.d for
# login shells, /etc/environment for what PAM starts without one (ssh HOST git …). An image sets them with ENV.

write_environment() {
  local i
  remove_environment
  mkdir -p "$root/etc/profile.d"
  system_git_config --add include.path "$target/gitconfig"
  {
    printf '# Written by %s/install\n' "$target"
    printf 'if [ -z "${KM_GIT_CONFIG:-}" ]; then\n'
    for i in "${!setting_keys[@]}"; do
      printf '  export "GIT_CONFIG_KEY_$((${GIT_CONFIG_COUNT:-0} + %d))=%s"' "$i" "${setting_keys[i]}"
      printf ' "GIT_CONFIG_VALUE_$((${GIT_CONFIG_COUNT:-0} + %d))=%s"\n' "$i" "${setting_values[i]}"
    done
    printf '  export GIT_CONFIG_COUNT="$((${GIT_CONFIG_COUNT:-0} + %d))"\n' "${#setting_keys[@]}"
    printf '  export GIT_ASKPASS="%s/km-git-askpass" KM_GIT_CONFIG=1\nfi\n' "$target"
  } | replace_file "$root/etc/profile.d/km.sh"

  others_environment
  # Where something else sets such variables there, two lists of one numbering cannot be told apart: left alone.
  [[ $'\n'$others != *$'\n'GIT_CONFIG_COUNT=* ]] || return 0
  {
    printf '%s%s\n' "$others" '# km begin'
    printf 'GIT_CONFIG_COUNT=%d\nGIT_ASKPASS=%s/km-git-askpass\nKM_GIT_CONFIG=1\n' "${#setting_keys[@]}" "$target"
    for i in "${!setting_keys[@]}"; do
      printf 'GIT_CONFIG_KEY_%d=%s\nGIT_CONFIG_VALUE_%d=%s\n' "$i" "${setting_keys[i]}" "$i" "${setting_values[i]}"
    done
    printf '# km end\n'
  } | replace_file "$root/etc/environment"
}

remove_environment() {
  system_git_config --fixed-value --unset-all include.path "$target/gitconfig" 2>/dev/null || :
  rm -f "$root/etc/profile.d/km.sh"
  [[ -f $root/etc/environment ]] || return 0
  others_environment
  printf '%s' "$others" | replace_file "$root/etc/environment"
}

# Puts into `others` what stands in /etc/environment outside of km's lines.
others_environment() {
  local line ours=no
  others=''
  [[ -f $root/etc/environment ]] || return 0
  while IFS= read -r line || [[ -n $line ]]; do
    [[ $line != '# km begin' ]] || ours=yes
    [[ $ours == yes ]] || others+=$line$'\n'
    [[ $line != '# km end' ]] || ours=no
  done <"$root/etc/environment"
}

system_git_config() {
  if [[ -n $root ]]; then git config --file "$root/etc/gitconfig" "$@"; else git config --system "$@"; fi
}

# By a rename: no reader sees half of a file.
replace_file() {
  cat >"$1.km" && mv "$1.km" "$1"
}
