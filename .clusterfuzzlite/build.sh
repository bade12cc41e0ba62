#!/usr/bin/env bash
# ClusterFuzzLite's build: every fuzz target with its seeds, its dictionary and its options into $OUT.
set -euo pipefail
cd "$SRC/fencepost/fuzz"
source ./targets.sh
host=$(rustc -vV | sed -n 's/^host: //p')
for target in "${targets[@]}"; do
    options_for "$target"
    cargo fuzz build --release --sanitizer "${SANITIZER:-address}" "${of_cargo[@]}" "$target"
    cp "${CARGO_TARGET_DIR:-target}/$host/release/$target" "$OUT/"
    (cd "seeds/$target" && zip -q -r "$OUT/${target}_seed_corpus.zip" .)
    printf '[libfuzzer]\n' >"$OUT/$target.options"
    for option in "${of_libfuzzer[@]}"; do
        case $option in
            -dict=*) cp "${option#-dict=}" "$OUT/" ;; # it is found by its name
            *) printf '%s\n' "${option#-}" >>"$OUT/$target.options" ;;
        esac
    done
done
