#!/usr/bin/env bash
# Links every function of src/main.rs under `no_panic`, which fails if one of them can panic, and runs them; then links what
# does panic, which must fail.
set -euo pipefail
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-../../target}/no_panic
cargo run --quiet --release --target-dir "$target"
if errors=$(cargo build --quiet --release --target-dir "$target" --features panics 2>&1); then
    echo "no_panic: a function that panics was linked" >&2
    exit 1
fi
grep -q 'detected panic in function .*out_of_bounds' <<<"$errors" || { echo "$errors" >&2; exit 1; }
echo "no_panic: the control that panics does not link"
