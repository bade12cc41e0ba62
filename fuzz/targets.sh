# What the scripts beside this one know of the fuzz targets. Sourced by them, in this folder.

targets=(contract payload case endpoint)

# cargo-fuzz's own options. The constants that comparisons could teach libFuzzer are in the dictionaries; tracing them only
# costs half the speed. `endpoint` alone needs the HTTP client and the stub's server, so that the others build without.
cargo_options() {
    printf '%s\n' --no-trace-compares
    [ "$1" != endpoint ] || printf '%s\n' --features endpoint
}

# libFuzzer's options: the longest input, when an input hangs, and the dictionary where there is one.
libfuzzer_options() {
    case $1 in
        contract) printf '%s\n' -max_len=65536 -timeout=30 ;; # the shipped contract is 51 KB
        payload) printf '%s\n' -max_len=16384 -timeout=10 ;;
        case) printf '%s\n' -max_len=3000 -timeout=10 ;; # two bytes for each of the 1,500 choices that a body can use
        # A request may take ten seconds, each is sent twice, and a target that is out of reach is waited for.
        endpoint) printf '%s\n' -max_len=3000 -timeout=90 -detect_leaks=0 ;;
    esac
    [ ! -e "seeds/$1.dict" ] || printf '%s\n' "-dict=seeds/$1.dict"
}

# The options of both for one target, in the arrays `of_cargo` and `of_libfuzzer`.
options_for() {
    mapfile -t of_cargo < <(cargo_options "$1")
    mapfile -t of_libfuzzer < <(libfuzzer_options "$1")
}
