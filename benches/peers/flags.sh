#!/usr/bin/env bash
# Compares two builds of covprop: without flags, as `cargo build --release` makes it, and for x86-64-v3. The two run in
# turns. For each operation and each fit, prints the times of both, the least of all turns, and their ratio:
#
#     flags.sh [WORD ...]    only what has one of the words in its name
set -euo pipefail
cd "$(dirname "$0")"
turns=3
target=${CARGO_TARGET_DIR:-$PWD/target}
for cpu in x86-64 x86-64-v3; do
    RUSTFLAGS="-C target-cpu=$cpu" cargo build --quiet --release --no-default-features --target-dir "$target/$cpu"
done
for ((turn = 0; turn < turns; turn++)); do
    for cpu in x86-64 x86-64-v3; do
        "$target/$cpu/release/peers" --quick "$@" 2>/dev/null | sed "s/^/$cpu /"
    done
done | awk '
    function take(name, size, time,    key) {
        key = name (size == "" ? "" : ", ") size
        if (!(key in seen)) { seen[key] = 1; names[++count] = key }
        if (!((key, $1) in least) || time < least[key, $1]) least[key, $1] = time
    }
    # A heading has sizes such as 4x3, and the next line our times.
    $NF == "mean" && $0 ~ /[0-9]x[0-9]/ {
        name = ""; columns = 0
        for (i = 2; i < NF; i++) if ($i ~ /^[0-9]+x[0-9]+$/) sizes[++columns] = $i; else name = name (name == "" ? "" : " ") $i
    }
    $2 == "covprop," && $3 == "ns" { for (i = 1; i <= columns; i++) take(name, sizes[i], $(i + 3)) }
    /whole fits/ { fits = 1; next }
    NF == 1 { fits = 0 }
    fits && NF == 4 { take("fit of " $2, "", $3 * ($4 == "ms" ? 1e6 : $4 == "ns" ? 1 : 1e3)) }
    END {
        printf "%-34s %14s %14s %6s\n", "nanoseconds", "without flags", "x86-64-v3", "ratio"
        for (i = 1; i <= count; i++) {
            ratio = least[names[i], "x86-64"] / least[names[i], "x86-64-v3"]
            printf "%-34s %14.1f %14.1f %6.2f\n", names[i], least[names[i], "x86-64"], least[names[i], "x86-64-v3"], ratio
            if (ratio > worst) { worst = ratio; of = names[i] }
        }
        printf "goal: at most 2.5 times as long without flags; the largest ratio is %.2f, of %s\n", worst, of
        exit worst > 2.5
    }'
