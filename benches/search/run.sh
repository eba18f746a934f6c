#!/usr/bin/env bash
# Fits simulated data of many models from the default start and from random ones, and checks what the search claims:
#
#     run.sh                    500 data sets of each model, twice: by fixed seeds, and by a seed from the commit's hash
#     run.sh --quick            20 data sets by fixed seeds
#     run.sh --seed S           one table by the seed S; the seeds of a data set follow from S, the model and its number
#     run.sh --shape NAME       only models with NAME in their names
#     run.sh --findings         after the table, the first cases of each kind of failure
#     run.sh --shape NAME --only I --findings     data set I alone, with all that was wrong with its fits
#
# Prints tables in Markdown. Exit status 1 if there is a false claim, a point called a maximum from which there is a way up,
# or if a goal is missed by more than sampling explains.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${CARGO_TARGET_DIR:-$here/target}
(cd "$here" && cargo build --quiet --release --target-dir "$out")
case " $* " in
*" --quick "* | *" --seed "* | *" --only "*) exec "$out/release/search" "$@" ;;
esac
status=0
echo "By fixed seeds:"
echo
"$out/release/search" "$@" || status=1
commit=$(git -C "$here" rev-parse HEAD)
echo
echo "By a seed from commit $commit:"
echo
# Fifteen hexadecimal digits are a number of 60 bits.
"$out/release/search" --seed "$((16#${commit:0:15}))" "$@" || status=1
exit $status
