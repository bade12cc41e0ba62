#!/usr/bin/env bash
# Fuzzes for hours, and says in the morning what was found: fuzz/overnight.sh [--for 2h] [--jobs N] [TARGET...]
#
# Each target gets the time of `--for` (seconds, or with s, m or h) on N processes. A crash does not end it. Exits 0 where
# nothing was found, 1 where something was, 2 where it was called wrongly or a target does not build, 130 interrupted.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ./targets.sh

usage() {
    printf '%s\n' "fuzz/overnight.sh: $1" 'usage: fuzz/overnight.sh [--for 2h] [--jobs N] [TARGET...]' >&2
    exit 2
}

seconds=7200
jobs=$(nproc)
chosen=()
while [ $# -gt 0 ]; do
    case $1 in
        --for)
            [[ ${2:-} =~ ^([1-9][0-9]*)([smh]?)$ ]] || usage "--for takes a time such as 90, 30m or 8h"
            case ${BASH_REMATCH[2]} in h) unit=3600 ;; m) unit=60 ;; *) unit=1 ;; esac
            seconds=$((BASH_REMATCH[1] * unit))
            shift 2
            ;;
        --jobs)
            [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || usage "--jobs takes a number above 0"
            jobs=$2
            shift 2
            ;;
        -*) usage "there is no option $1" ;;
        *)
            [[ " ${targets[*]} " == *" $1 "* ]] || usage "no fuzz target is called $1; there are ${targets[*]}"
            chosen+=("$1")
            shift
            ;;
    esac
done
[ ${#chosen[@]} -gt 0 ] || chosen=("${targets[@]}")

# With AddressSanitizer where there is a nightly Rust, which it needs.
if cargo +nightly --version >/dev/null 2>&1; then
    cargo_fuzz=(cargo +nightly fuzz)
    sanitizer=address
else
    cargo_fuzz=(cargo fuzz)
    sanitizer=none
fi

printf '%s\n' "fuzzing ${chosen[*]}: $seconds s each, $jobs processes, sanitizer $sanitizer"
for target in "${chosen[@]}"; do
    options_for "$target"
    "${cargo_fuzz[@]}" build --sanitizer "$sanitizer" "${of_cargo[@]}" "$target" || exit 2
done

mkdir -p artifacts
began=$(mktemp -p artifacts .began.XXXXXX)
trap 'rm -f "$began"' EXIT
# Runs a command in a process group of its own, which is ended as a whole: libFuzzer's processes do not all mind Ctrl-C.
group=
in_group() {
    local code=0
    set -m
    "$@" &
    group=$!
    set +m
    { wait "$group" || code=$?; } 2>/dev/null
    group=
    return "$code"
}
interrupted=
trap 'interrupted=yes; [ -z "$group" ] || kill -TERM -- "-$group" 2>/dev/null' INT TERM

for target in "${chosen[@]}"; do
    [ -z "$interrupted" ] || break
    options_for "$target"
    mkdir -p "corpus/$target" "artifacts/$target"
    log="artifacts/$target.log"
    printf '%s\n' "-- $target, until $(date -d "+$seconds seconds" +%H:%M); its log is fuzz/$log"
    # What is found is told by the artifacts, not by the exit code.
    in_group "${cargo_fuzz[@]}" run --sanitizer "$sanitizer" "${of_cargo[@]}" "$target" "corpus/$target" "seeds/$target" -- \
        "${of_libfuzzer[@]}" -fork="$jobs" -ignore_crashes=1 -ignore_timeouts=1 -ignore_ooms=1 \
        -max_total_time="$seconds" >"$log" 2>&1 || true
    [ -z "$interrupted" ] || break
    # Keeps what shows anything of its own, the answers of an endpoint included.
    in_group "${cargo_fuzz[@]}" cmin --sanitizer "$sanitizer" "${of_cargo[@]}" "$target" "corpus/$target" -- \
        "${of_libfuzzer[@]}" >>"$log" 2>&1 || printf '%s\n' "   the corpus could not be minimised; see the log"
    printf '%s\n' "   $(grep -E '^#[0-9]+: cov' "$log" | tail -n 1)" "   $(find "corpus/$target" -type f | wc -l) entries in the corpus"
done

# What each artifact says when it is run again, numbers aside: artifacts that say the same have one cause.
cause() {
    case $(basename "$2") in
        timeout-*) printf '%s\n' "hangs" ;;
        oom-*) printf '%s\n' "takes too much memory" ;;
        *)
            "${CARGO_TARGET_DIR:-target}/$host/release/$1" "${of_libfuzzer[@]}" "$2" 2>&1 |
                grep -A 1 -m 1 'panicked at\|ERROR:' | sed -E 's/.*panicked at /at /; s/[0-9]+/#/g' | paste -sd ' ' | cut -c 1-160
            ;;
    esac
}

host=$(rustc -vV | sed -n 's/^host: //p')
found=
for target in "${chosen[@]}"; do
    options_for "$target"
    mapfile -t artifacts < <(find "artifacts/$target" -type f -newer "$began" ! -name 'slow-unit-*' -printf '%s %p\n' 2>/dev/null |
        sort -n | cut -d ' ' -f 2-)
    [ ${#artifacts[@]} -gt 0 ] || continue
    found=yes
    printf '\n%s\n' "$target: ${#artifacts[@]} inputs break a law; the smallest for each cause, of the first 50:"
    declare -A smallest=()
    for artifact in "${artifacts[@]:0:50}"; do
        why=$(cause "$target" "$artifact" || true)
        why=${why:-"does not fail again"}
        [ -n "${smallest[$why]:-}" ] || smallest[$why]=$artifact
    done
    for why in "${!smallest[@]}"; do
        printf '%s\n' "  $why" \
            "    again    ${cargo_fuzz[*]} run --sanitizer $sanitizer ${of_cargo[*]} $target fuzz/${smallest[$why]}" \
            "    smaller  ${cargo_fuzz[*]} tmin --sanitizer $sanitizer ${of_cargo[*]} $target fuzz/${smallest[$why]}" \
            "    keep     cargo run -- promote fuzz/${smallest[$why]}"
    done
    unset smallest
done
[ -z "$interrupted" ] || exit 130
[ -z "$found" ] || exit 1
printf '\n%s\n' "nothing found"
