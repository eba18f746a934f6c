#!/usr/bin/env bash
# Links the library into a C program without std and without an allocator, and runs it.
set -euo pipefail
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-../../target}/no_std
for profile in dev release; do
    cargo build --quiet --profile $profile --target-dir "$target"
    folder=$target/${profile/dev/debug}
    cc main.c "$folder/libno_std.a" -lm -o "$folder/no_std"
    # An allocation would have failed to link; that the check can see one is shown by the symbol's name.
    if nm "$folder/no_std" | grep -E '__rust_alloc|__rdl_alloc|__rg_alloc'; then
        echo "no_std: the $profile build allocates" >&2
        exit 1
    fi
    "$folder/no_std"
done
