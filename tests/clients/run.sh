#!/usr/bin/env bash
# Lets two clients that nobody here wrote judge the stub: the service's own SDK, and Schemathesis, which derives tests
# from the printed contract.
#
# Usage: run.sh FENCEPOST [OPTION OF SERVE]...
#
# The clients are installed into $FENCEPOST_VENV, or into a temporary folder where it is not set.
set -euo pipefail

fencepost=$(realpath "${1:?usage: run.sh FENCEPOST [OPTION OF SERVE]...}")
shift
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
venv=${FENCEPOST_VENV:-$work/venv}
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$work"' EXIT

[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
venv=$(realpath "$venv")

"$fencepost" contract >"$work/contract.yaml"
exec 3< <(exec "$fencepost" serve "$@")
server=$!
read -r url <&3 || { echo "the server did not start" >&2; exit 1; }

# No proxy of the environment's may come between the clients and the loopback interface.
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
failed=0

# One line about a client; what it said is shown only where it failed.
check() {
    local name=$1 log=$work/log
    shift
    if (cd "$work" && "$@") >"$log" 2>&1; then
        echo "$name: passed"
    else
        cat "$log"
        echo "$name: FAILED"
        failed=1
    fi
}

check "signatures of the official SDK" "$venv/bin/python" "$here/signatures.py" --check "$here/../data/signatures.json"
check "official SDK" "$venv/bin/python" "$here/official_sdk.py" "$url" contract.yaml

# The seed is fixed, so that what passes today passes tomorrow; slow generation is the machine's fault, not the stub's.
check "Schemathesis" "$venv/bin/schemathesis" run contract.yaml --url "$url" \
    --phases examples,coverage,fuzzing --checks all --max-examples 200 --seed 1 \
    --suppress-health-check too_slow --generation-database none --no-color

exit "$failed"
