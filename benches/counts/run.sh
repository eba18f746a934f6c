#!/usr/bin/env bash
# Counts the instructions of each operation under callgrind and compares them with `baseline`:
#
#     run.sh            exit status 1 if a count is more than 3 % above its baseline, or if names differ
#     run.sh --renew    writes the counts as the new baseline
#
# Unlike times, counts are the same in every run and on every x86-64 processor. They belong to a version of rustc, which
# stands in the baseline, and to the versions in Cargo.lock.
set -euo pipefail
cd "$(dirname "$0")"
tolerance=3
case ${1-} in
'' | --renew) ;;
*) echo "usage: run.sh [--renew]" >&2; exit 2 ;;
esac
[ "$(uname -sm)" = "Linux x86_64" ] || { echo "the baseline is of x86-64 Linux, this is $(uname -sm)" >&2; exit 2; }
if ! command -v valgrind >/dev/null; then
    command -v apt-get >/dev/null || { echo "valgrind is not installed" >&2; exit 2; }
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends valgrind; } >/dev/null
fi

# For the oldest x86-64, whatever the environment asks for: valgrind 3.19 (Debian 12) ends with SIGILL at AVX code of
# rustc 1.95.
out=${CARGO_TARGET_DIR:-$PWD/target}
env -u CARGO_ENCODED_RUSTFLAGS -u CARGO_BUILD_TARGET RUSTFLAGS="-C target-cpu=x86-64" \
    cargo build --quiet --release --target-dir "$out"

# glibc chooses memset and memcpy by the processor, and callgrind counts one instruction for each byte that a `rep` moves: all
# processors take the plain ones. The empty environment is the same everywhere, too.
tunables=glibc.cpu.hwcaps=-AVX2,-AVX_Fast_Unaligned_Load,-AVX512VL,-ERMS,-SSSE3,-Fast_Unaligned_Copy
tunables+=:glibc.cpu.x86_non_temporal_threshold=1073741824
if ! env -i PATH="$PATH" GLIBC_TUNABLES="$tunables" valgrind --tool=callgrind \
    --callgrind-out-file="$out/callgrind.out" "$out/release/counts" >"$out/callgrind.log" 2>&1; then
    cat "$out/callgrind.log" >&2
    exit 1
fi
# Lines as `1,234 (5.67%)  ???:counts::s4x3::v_full [path]`, of which only what has a module of its own is an operation.
callgrind_annotate --inclusive=yes --threshold=100 "$out/callgrind.out" |
    sed -nE 's/^ *([0-9,]+) +\([^)]*\) +[^ ]*:counts::([a-z0-9_]+::[a-z0-9_]+)( \[.*)?$/\2 \1/p' |
    tr -d , | grep -v '::\(run\|check\) ' | sort -V >"$out/counts.txt"

if [ "${1-}" = --renew ]; then
    { echo "# $(rustc --version)"; cat "$out/counts.txt"; } >baseline
fi
of=$(sed -n 's/^# //p' baseline)
[ "$of" = "$(rustc --version)" ] || echo "note: the baseline is of $of, this is $(rustc --version)"
grep -v '^#' baseline | awk -v tolerance=$tolerance '
    FNR == NR { baseline[$1] = $2; next }
    FNR == 1 { printf "%-37s %9s %9s %8s\n", "name", "count", "baseline", "change" }
    {
        seen[$1] = 1
        if (!($1 in baseline)) {
            printf "%-37s %9d %9s %8s  FAILED: not in the baseline\n", $1, $2, "-", "-"
            failures++
            next
        }
        change = 100 * ($2 / baseline[$1] - 1)
        remark = ""
        if (change > tolerance) { remark = "  FAILED"; failures++ }
        if (change < -tolerance) { remark = "  less"; less++ }
        printf "%-37s %9d %9d %+7.1f%%%s\n", $1, $2, baseline[$1], change, remark
    }
    END {
        for (name in baseline) if (!(name in seen)) {
            printf "%-37s %9s %9d %8s  FAILED: not counted\n", name, "-", baseline[name], "-"
            failures++
        }
        if (less) printf "%d counts are more than %d %% below: run.sh --renew, and commit the baseline\n", less, tolerance
        if (failures) { printf "%d failures\n", failures; exit 1 }
    }' - "$out/counts.txt"
