# shellcheck shell=bash
# Summary: reads the Date of an HTTP answer (RFC 9110, section 5.6.7, IMF-fixdate). Sourced.
#
#   http_date TEXT    puts the seconds since 1970 into REPLY; fails on any other form

http_date() {
  local months=JanFebMarAprMayJunJulAugSepOctNovDec before year month day
  [[ $1 == [A-Z][a-z][a-z],\ [0-9][0-9]\ [A-Z][a-z][a-z]\ [0-9][0-9][0-9][0-9]\ [0-9][0-9]:[0-9][0-9]:[0-9][0-9]\ GMT ]] ||
    return 1
  before=${months%%"${1:8:3}"*}
  [[ $before != "$months" ]] || return 1
  # Counted from March, so that the leap day is the last of its year.
  day=$((10#${1:5:2})) month=$((${#before} / 3 + 1)) year=$((10#${1:12:4} - (month < 3)))
  day=$((365 * year + year / 4 - year / 100 + year / 400 + (153 * ((month + 9) % 12) + 2) / 5 + day - 719469))
  REPLY=$((day * 86400 + 10#${1:17:2} * 3600 + 10#${1:20:2} * 60 + 10#${1:23:2}))
}
