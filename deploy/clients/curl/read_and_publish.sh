#!/bin/sh
# Reads from a national node over REST and publishes through it, with curl (7.76 or newer, OpenSSL 3.0 is enough) and jq.
#
# usage: sh read_and_publish.sh https://NODE:7443 CERTIFICATE.pem KEY.pem CA.pem [RECORD.json]
set -eu

if [ $# -lt 4 ]; then
  sed -n '4s/^# //p' "$0" >&2
  exit 2
fi
node=$1 certificate=$2 key=$3 ca=$4 record=${5-}

# ask PATH [CURL OPTION...]: the answer's JSON. A refusal is a problem (RFC 9457): it says what happened and what to do next.
ask() {
  path=$1
  shift
  answer=$(curl --silent --show-error --max-time 60 --tlsv1.3 --cert "$certificate" --key "$key" --cacert "$ca" \
    --header 'Accept-Language: ar, fr;q=0.8, en;q=0.6' --fail-with-body "$@" "$node$path") || {
    told "$answer" '"\(.code): \(.detail)", (.errors[] | "\(.at): \(.detail)"), .help' >&2
    exit 1
  }
  printf '%s' "$answer"
}
# told JSON FILTER [JQ OPTION...]: what a filter makes of an answer.
told() {
  json=$1 filter=$2
  shift 2
  printf '%s' "$json" | jq --raw-output "$@" "$filter"
}
in_arabic='(.title.ar // (.title | first(.[]?)) // "")'

# All pages of a list: each names the next, until the last.
services= pages=0 token=
while :; do
  page=$(ask /v1/services --get --data pageSize=3 ${token:+--data-urlencode "pageToken=$token"})
  services=$services$(told "$page" ".objects[] | \"  \(.id)  \\($in_arabic)\"")'
'
  pages=$((pages + 1))
  token=$(told "$page" .next_page_token)
  [ -n "$token" ] || break
done
services=$(printf '%s' "$services" | sed '/^$/d')
echo "services: $(printf '%s\n' "$services" | grep -c '[^ ]' || :) on $pages pages"
[ -z "$services" ] || printf '%s\n' "$services"

id=$(printf '%s\n' "$services" | awk 'NR == 1 { print $1 }')
if [ -n "$id" ]; then
  headers=$(mktemp)
  trap 'rm -f "$headers"' EXIT
  got=$(ask "/v1/services/$id" --dump-header "$headers")
  state=$(tr -d '\r' < "$headers" | awk 'tolower($1) == "multaqa-state:" { print $2 }')
  told "$got" '"record: \(.id), \(.payload.service_type), \($state)"' --arg state "$state"
fi

found=$(ask /v1/search --get --data-urlencode 'q=الهوية الرقمية' --data pageSize=5)
told "$found" "\"search: \(.total)\", (.hits[].object | \"  \(.id)  \\($in_arabic)\")"

page=$(ask /v1/indicators --get --data pageSize=1)
for id in $(told "$page" '.objects[].id'); do
  figures=$(ask "/v1/indicators/$id/observations" --get --data pageSize=5)
  # A value is a decimal with the digits as published; null where there is no figure.
  told "$figures" '"figures: \($id)", (.observations[] | "  \(.ref_area) \(.time_period) \(.value // "-")")' --arg id "$id"
done

[ -n "$record" ] || exit 0
published=$(ask /v1/records --header 'Content-Type: application/json' --data-binary "@$record")
id=$(told "$published" '.records[0].id') record_id=$(told "$published" '.records[0].record_id')
state=$(told "$published" '.records[0].state') position=
# It is signed and kept. What reads show it is the log's position at which it stands; the queue tells it.
while [ "$state" = queued ]; do
  queue=$(ask /v1/queue --get --data pageSize=500)
  waiting=$(told "$queue" '.records[] | select(.record_id == $id)' --arg id "$record_id" --compact-output)
  [ -n "$waiting" ] || break # It is back on the node's own replica.
  case $(told "$waiting" .state) in void | rejected)
    told "$waiting" '"\(.id): \(.state): \(.code)"' >&2
    exit 1 ;;
  esac
  position=$(told "$waiting" '.index // empty | . + 1')
  [ -z "$position" ] || break
  sleep 0.5
done
got=$(ask "/v1/records/$id" --get ${position:+--data "minPosition=$position"})
told "$got" '"published: \(.id), revision \(.revision)"'
