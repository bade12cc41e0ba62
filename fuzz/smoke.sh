#!/usr/bin/env bash
# Runs every fuzz target for a few seconds from its seeds, to see that each builds and that its laws hold there. On stable
# Rust, without sanitizers: overnight runs use them, a smoke run only has to start. Ends at the first law that breaks.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ./targets.sh
seconds=${1:-5}
# What a person's own endpoint does is none of this project's business.
unset FENCEPOST_TARGET FENCEPOST_TASK_ID FENCEPOST_TOKEN

log=$(mktemp)
trap 'rm -f "$log"' EXIT
for target in "${targets[@]}"; do
    options_for "$target"
    mkdir -p "corpus/$target"
    printf '%s\n' "-- $target"
    cargo fuzz build --sanitizer none "${of_cargo[@]}" "$target"
    if ! cargo fuzz run --sanitizer none "${of_cargo[@]}" "$target" "corpus/$target" "seeds/$target" -- \
        "${of_libfuzzer[@]}" -seed=1 -max_total_time="$seconds" -print_final_stats=1 >"$log" 2>&1; then
        grep -A 5 'panicked at' "$log" || tail -n 60 "$log"
        printf '%s\n' "fuzz/smoke.sh: the law of \`$target\` breaks; fuzz/README.md says how to look into it" \
            "$(grep -o 'Test unit written to .*' "$log")" >&2
        exit 1
    fi
    grep -E '^stat::(number_of_executed_units|average_exec_per_sec)' "$log"
done
