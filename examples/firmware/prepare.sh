#!/usr/bin/env bash
# Prepares a cross toolchain and QEMU in a folder of their own, from Debian's packages, for targets that rustup has not:
#
#     prepare.sh FOLDER TARGET...
#
# Nothing is installed: packages are fetched by apt and unpacked. Then `core` is built once for each target from Debian's
# source of it, and put where Debian's rustc looks: a dependency that needs std or alloc cannot compile.
set -euo pipefail
folder=$(realpath -m "$1")
shift
targets=("$@")
packages=(rustc-web cargo-web rust-web-src qemu-system-arm)
case " ${targets[*]} " in *riscv*) packages+=(qemu-system-misc) ;; esac
mkdir -p "$folder"
cd "$folder"
exec 9>lock
flock 9

# Three attempts, since mirrors are sometimes away.
fetch() {
    rm -rf packages root
    mkdir -p packages/partial root
    for attempt in 1 2 3; do
        if { apt-get update -qq && apt-get install -qq -y --no-install-recommends --download-only \
            -o Dir::Cache::archives="$folder/packages" "${packages[@]}"; } >apt.log 2>&1; then
            break
        elif [ "$attempt" = 3 ]; then
            tail -5 apt.log >&2
            return 1
        fi
        sleep 5
    done
    for package in packages/*.deb; do
        case $package in
        # Of the two largest, what is used.
        */rust-web-src_*) only=(--wildcards './usr/src/*/library' './usr/lib/rustlib/src') ;;
        */qemu-system-misc_*) only=(./usr/bin/qemu-system-riscv32) ;;
        *) only=(--exclude ./usr/share/doc --exclude ./usr/share/locale --exclude ./usr/share/man) ;;
        esac
        dpkg-deb --fsys-tarfile "$package" | tar -x -C root "${only[@]}"
    done
    rm -rf packages
    echo "${packages[*]}" >root/fetched
}

for package in "${packages[@]}"; do
    case " $(cat root/fetched 2>/dev/null) " in
    *" $package "*) ;;
    *)
        echo "fetching ${packages[*]}"
        fetch
        rm -rf ready
        break
        ;;
    esac
done

# What is already installed was not fetched.
libraries=$folder/root/usr/lib/x86_64-linux-gnu:$folder/root/lib/x86_64-linux-gnu
for llvm in "$folder"/root/usr/lib/llvm-*/lib; do libraries=$libraries:$llvm; done
mkdir -p bin ready
for tool in rustc cargo qemu-system-arm qemu-system-riscv32; do
    path=$folder/root/usr/bin/$tool
    [ -x "$path" ] || path=/usr/bin/$tool
    printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' "$libraries" "$path" >"bin/$tool"
    chmod +x "bin/$tool"
done
host=$(rustc -vV | sed -n 's/^host: //p')
ln -sf "$(rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld" bin/rust-lld

debian() {
    env -u RUSTC -u RUSTC_WRAPPER -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS -u CARGO_BUILD_TARGET \
        -u CARGO_TARGET_DIR -u RUSTUP_TOOLCHAIN -u RUSTUP_HOME -u CARGO PATH="$folder/bin:$PATH" "$@"
}
version=$(debian rustc -V)
missing=()
for target in "${targets[@]}"; do
    [ "$(cat "ready/$target" 2>/dev/null)" = "$version" ] || missing+=("$target")
done
[ ${#missing[@]} -gt 0 ] || exit 0
echo "building core for ${missing[*]} with $version"
rm -rf core
mkdir -p core/src
printf '[package]\nname = "nothing"\nversion = "0.0.0"\nedition = "2021"\n[profile.release]\npanic = "abort"\n' >core/Cargo.toml
echo '#![no_std]' >core/src/lib.rs
flags=()
for target in "${missing[@]}"; do flags+=(--target "$target"); done
(cd core && debian env RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes \
    cargo build --quiet --release -Zbuild-std=core "${flags[@]}")
sysroot=$(debian rustc --print sysroot)
for target in "${missing[@]}"; do
    place=$sysroot/lib/rustlib/$target/lib
    rm -rf "$place"
    mkdir -p "$place"
    cp core/target/"$target"/release/deps/lib{core,compiler_builtins}-*.rlib "$place/"
    echo "$version" >"ready/$target"
done
rm -rf core
