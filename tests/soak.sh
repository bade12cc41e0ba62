#!/usr/bin/env bash
# A soak: a search sends so many requests to a stub in a process of its own. Nothing may be found, and neither process may take
# more memory towards the end than it took before, nor more than 120 MB.
# tests/soak.sh path/to/fencepost [REQUESTS]
set -euo pipefail
fencepost=${1:?usage: tests/soak.sh path/to/fencepost [REQUESTS]}
requests=${2:-1000000}
most=$((120 * 1024))
slack=$((12 * 1024))

folder=$(mktemp -d)
stub='' search=''
trap 'kill $stub $search 2>/dev/null || true; rm -rf "$folder"' EXIT

"$fencepost" serve >"$folder/url" &
stub=$!
until grep -q 'http://' "$folder/url"; do
  kill -0 "$stub" || { echo 'tests/soak.sh: the stub did not start' >&2; exit 1; }
  sleep 0.05
done
url=$(grep -o 'http://[0-9.:]*' "$folder/url" | head -n 1)

"$fencepost" fuzz --target "$url" --for 24h --max-requests "$requests" >"$folder/told" &
search=$!
# Kilobytes of both, many times.
while kill -0 "$search" 2>/dev/null; do
  for process in "$search" "$stub"; do
    grep -s '^VmRSS:' "/proc/$process/status" | tr -dc '0-9\n' >>"$folder/$process" || true
  done
  sleep 0.1
done
code=0
wait "$search" || code=$?
tail -n 1 "$folder/told"
failed=0
[ "$code" -eq 0 ] || { echo "tests/soak.sh: the search ended with $code" >&2; cat "$folder/told" >&2; failed=1; }
for process in "$search" "$stub"; do
  name=$([ "$process" = "$search" ] && echo search || echo stub)
  count=$(wc -l <"$folder/$process")
  first=$(head -n $((count / 2 + 1)) "$folder/$process" | sort -n | tail -n 1)
  second=$(tail -n $((count / 2 + 1)) "$folder/$process" | sort -n | tail -n 1)
  echo "$name: at most $((first / 1024)) MB in the first half, $((second / 1024)) MB in the second"
  if [ "$second" -gt $((first + slack)) ] || [ "$second" -gt "$most" ]; then
    echo "tests/soak.sh: the $name takes more and more memory, or too much" >&2
    failed=1
  fi
done
exit "$failed"
