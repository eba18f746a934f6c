#!/usr/bin/env bash
# Builds the firmware, runs it in QEMU, and checks it against the host and against `budgets`:
#
#     run.sh [TARGET...]      thumbv7em-none-eabihf (Cortex-M4F), thumbv7m-none-eabi (M3),
#                             thumbv6m-none-eabi (M0), riscv32imac-unknown-none-elf; all four by default
#
# With rustup's target and QEMU installed it uses these, else prepare.sh fetches both into CROSS, a folder in the user's
# cache by default. Exit status 0 if everything holds.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(thumbv7em-none-eabihf thumbv7m-none-eabi thumbv6m-none-eabi riscv32imac-unknown-none-elf)
out=${CARGO_TARGET_DIR:-$here/target}
mkdir -p "$out"
failures=0
fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# QEMU's program and board for a target.
machine() {
    case $1 in
    thumbv7em-*) echo "qemu-system-arm -machine mps2-an386" ;;
    thumbv7m-*) echo "qemu-system-arm -machine mps2-an385" ;;
    thumbv6m-*) echo "qemu-system-arm -machine microbit" ;;
    riscv32*) echo "qemu-system-riscv32 -machine virt -bios none" ;;
    esac
}

# The toolchain.
installed=true
for target in "${targets[@]}"; do
    command -v "$(machine "$target" | cut -d' ' -f1)" >/dev/null || installed=false
    [ -d "$(rustc --print sysroot)/lib/rustlib/$target" ] || installed=false
done
if $installed; then
    cross() { "$@"; }
else
    CROSS=$(realpath -m "${CROSS:-${XDG_CACHE_HOME:-$HOME/.cache}/covprop-cross}")
    ./prepare.sh "$CROSS" "${targets[@]}"
    cross() {
        env -u RUSTC -u RUSTC_WRAPPER -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS -u CARGO_BUILD_TARGET \
            -u RUSTUP_TOOLCHAIN -u RUSTUP_HOME -u CARGO PATH="$CROSS/bin:$PATH" "$@"
    }
fi

# build TARGET PROGRAM [FEATURE]: the path of the image.
build() {
    local image=$out/$1-$2-${3-}.elf
    cross cargo build --quiet --release --target "$1" --target-dir "$out" --bin "$2" --features "${3-}" >"$out/build.log" 2>&1 || return 1
    cp "$out/$1/release/$2" "$image"
    echo "$image"
}

# run TARGET IMAGE OUTPUT [OPTION...]: what it prints; the status is that of the program, 124 if it hangs.
run() {
    local target=$1 image=$2 output=$3
    shift 3
    rm -f "$output" "$out/counts"
    # shellcheck disable=SC2046
    cross timeout -k 5 120 $(machine "$target") -display none -monitor none -serial none -nic none \
        -chardev file,id=out,path="$output" -semihosting-config enable=on,target=native,chardev=out \
        "$@" -kernel "$image" </dev/null >"$out/qemu.log" 2>&1
}

# Bytes that an image needs in flash, and those of them that are libm's, and the compiler's own for floats that the
# processor has not and for memory.
flash() { size -A "$1" | awk '$1 ~ /^\.(vectors|init|text|rodata|data)$/ {sum += $2} END {print sum + 0}'; }
symbols() { nm -S -C -t d "$1" | awk -v of="$2" 'NF > 3 && $4 ~ of && !seen[$1]++ {sum += $2} END {print sum + 0}'; }
libm() { symbols "$1" '^libm::'; }
runtime() { symbols "$1" '^(compiler_builtins::|__aeabi_|__[a-z]+([sdt]f|[sdt]i)[0-9]?$|__(fix|float)|mem(cpy|move|set|cmp)$)'; }
static_ram() { size -A "$1" | awk '$1 ~ /^\.(data|bss)$/ {sum += $2} END {print sum + 0}'; }
panics() { nm -C "$1" | grep -E '__rust_alloc|__rust_realloc|alloc::|core::panicking|unwrap_failed|expect_failed|core::fmt|core::slice::index' || true; }

parts=(operator operator-double recursion fit fit-mixed)
echo "host: $(rustc -V); cross: $(cross rustc -V)"
for part in "${parts[@]}"; do
    cargo run --quiet --release --target-dir "$out/host" --bin "$part" >"$out/host-$part.txt" || fail "$part on the host"
done

# Counts instructions, where there is a C compiler.
counter=
if cc -shared -fPIC -O2 -o "$out/count.so" tools/count.c 2>/dev/null; then counter=$out/count.so; fi

format='%-29s %-16s %6s %6s %8s %5s %6s %12s'
table=()
for target in "${targets[@]}"; do
    bare=$(build "$target" bare) || { tail -20 "$out/build.log"; fail "$target does not build"; continue; }
    start=$(($(flash "$bare") - $(runtime "$bare")))
    run "$target" "$bare" "$out/bare.txt" || fail "$target: status $? of the bare program"
    for part in "${parts[@]}"; do
        image=$(build "$target" "$part") || { tail -20 "$out/build.log"; fail "$target: $part does not build"; continue; }
        [ -z "$(panics "$image")" ] || fail "$target: $part can panic or allocate: $(panics "$image" | head -3)"
        instructions=-
        options=()
        if [ -n "$counter" ]; then
            case $target in
            riscv*) markers=begin=10102013,end=10202013 ;;
            *) markers=begin=46c9,end=46d2 ;;
            esac
            options=(-plugin "$counter,$markers,out=$out/counts")
        fi
        run "$target" "$image" "$out/part.txt" "${options[@]}" || fail "$target: $part: status $?"
        grep -v '^#' "$out/part.txt" | cmp - "$out/host-$part.txt" || fail "$target: $part: other bits than the host"
        if [ -n "$counter" ]; then
            { read -r calibration && read -r instructions; } <"$out/counts" || calibration=0
            [ "$calibration" -ge 2000 ] && [ "$calibration" -le 2010 ] || fail "$target: the counter counts $calibration for 2000"
        fi
        stack=$(sed -n "s/^# $part f[0-9]* stack 0*\([0-9]\)/\1/p" "$out/part.txt" | head -1)
        libm=$(libm "$image")
        runtime=$(runtime "$image")
        bytes=$(($(flash "$image") - start - libm - runtime))
        ram=$(static_ram "$image")
        row=$(printf "$format" "$target" "$part" "$bytes" "$libm" "$runtime" "$ram" "$stack" "$instructions")
        table+=("$row")
        within() { [ "$2" -le "$3" ] || fail "$target: $part needs $2 bytes of $1, more than $3"; }
        budget=$(grep -E "^$target +$part " budgets) || fail "$target: $part has no budget"
        read -r _ _ most_flash most_ram most_stack <<<"$budget"
        within flash "$bytes" "$most_flash"
        within RAM "$ram" "$most_ram"
        within stack "$stack" "$most_stack"
    done
done

# What must not go unseen, on the first target.
target=${targets[0]}
for control in fail-unwrap fail-fault fail-bits fail-allocation; do
    if ! image=$(build "$target" operator-double $control); then
        [ $control = fail-allocation ] && grep -Eq "can't find crate for .alloc|no global memory allocator" "$out/build.log" || fail "$control does not build"
        continue
    fi
    status=0
    run "$target" "$image" "$out/control.txt" || status=$?
    case $control in
    fail-unwrap) [ -n "$(panics "$image")" ] && [ $status = 1 ] || fail "a panic went unseen" ;;
    fail-fault) [ $status = 1 ] || fail "a fault went unseen" ;;
    fail-bits)
        [ $status = 0 ] || fail "$control does not run"
        ! grep -v '^#' "$out/control.txt" | cmp -s - "$out/host-operator-double.txt" || fail "other bits went unseen"
        ;;
    fail-allocation) fail "an allocation went unseen" ;;
    esac
done

echo "Bytes of flash beyond start-up and printing, those of libm and those of the compiler's runtime (floats that the"
echo "processor has not, memory) by themselves; bytes of static RAM and of stack; instructions."
# shellcheck disable=SC2059
printf "$format\n" target part flash libm runtime RAM stack instructions
printf '%s\n' "${table[@]}"
[ $failures = 0 ] || { echo "$failures failures"; exit 1; }
