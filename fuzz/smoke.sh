#!/usr/bin/env bash
# Runs every fuzz target for a few seconds from its seeds, to see that each builds and that its laws hold there. On stable
# Rust, without sanitizers: overnight runs use them, a smoke run only has to start.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
seconds=${1:-5}
cargo fuzz build --sanitizer none
for target in $(cargo fuzz list); do
    mkdir -p "corpus/$target" "seeds/$target"
    printf '%s\n' "-- $target"
    cargo fuzz run --sanitizer none "$target" "corpus/$target" "seeds/$target" -- \
        -seed=1 -max_total_time="$seconds" -max_len=16384 -timeout=10 -print_final_stats=1 2>&1 |
        { grep -E '^(stat::number_of_executed_units|stat::average_exec_per_sec|==|SUMMARY|thread)|panicked' || true; }
done
