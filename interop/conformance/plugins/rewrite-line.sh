#!/bin/sh
# A plugin whose handshake line is written anew: rewrite-line.sh TEMPLATE COMMAND [ARGUMENT]...
# {3} in the template stands for the third field of the real line.
template=$1
shift
"$@" | {
  IFS='|' read -r one two three four five six
  printf '%s\n' "$template" | sed -e "s#{1}#$one#" -e "s#{2}#$two#" -e "s#{3}#$three#" -e "s#{4}#$four#" -e "s#{5}#$five#" -e "s#{6}#$six#"
  cat
}
