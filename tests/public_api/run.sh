#!/usr/bin/env bash
# Lists the public interface, with all features, and compares it with `listing`:
#
#     run.sh            exit status 1 if they differ
#     run.sh --renew    writes the listing
#
# A line less or changed breaks what users wrote; a line more is a promise. The listing belongs to a version of rustdoc, that of
# the first line: with another nothing is compared.
set -euo pipefail
cd "$(dirname "$0")"
case ${1-} in
'' | --renew) ;;
*) echo "usage: run.sh [--renew]" >&2; exit 2 ;;
esac
version=$(rustc --version | cut -d. -f1,2)
recorded=$(sed -n '1s/^# //p' listing 2>/dev/null || true)
if [ "${1-}" != --renew ] && [ "$version" != "$recorded" ]; then
    echo "public_api: not compared, since the listing is of $recorded and this is $version"
    exit 0
fi
target=${CARGO_TARGET_DIR:-$(realpath ../..)/target}
RUSTDOC=$PWD/rustdoc.sh cargo rustdoc --quiet --manifest-path ../../Cargo.toml --lib --all-features \
    --target-dir "$target" -- -Z unstable-options --output-format json
found=$target/public_api/listing
mkdir -p "$target/public_api"
# Of the impl of a trait one line is enough. Paths are cut to the last name; a line of its own says in which module an item is.
{
    echo "# $version"
    cargo run --quiet --target-dir "$target/public_api" -- "$target/doc/covprop.json" |
        awk '/^impl/ { if (!/ for /) { of_trait = 0; next } of_trait = 1; if (!/StructuralPartialEq/) print; next }
             /^pub (struct|enum|trait|mod|use) / { of_trait = 0 }
             of_trait && /^pub (const )?(fn|type|const) ([a-z_]+::)*[A-Z<]/ { next }
             { print }' |
        sed -nE '/^(#\[[a-z_]+\] )?pub (const )?(struct|enum|trait|type|fn) covprop(::[a-z0-9_]+)*::[A-Za-z0-9_]+([<( =;]|$)/{
                     h; s/^(#\[[a-z_]+\] )?pub (const )?(struct|enum|trait|type|fn) (covprop(::[a-z0-9_]+)*::[A-Za-z0-9_]+).*/\4/p; x
                 }
                 s/\b([a-z_][a-z0-9_]*::)+([A-Z])/\2/g; p' | LC_ALL=C sort -u
} >"$found"
if [ "${1-}" = --renew ]; then cp "$found" listing; fi
if ! diff listing "$found"; then
    echo "public_api: the interface changed; if it should, run tests/public_api/run.sh --renew and commit the listing" >&2
    exit 1
fi
echo "public_api: $(grep -vc '^#' listing) items, as listed"
