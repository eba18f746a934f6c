#!/usr/bin/env bash
# Measures how long six user programs take to compile, as ratios to one that uses nalgebra alone, and compares the ratios with
# `baseline`:
#
#     run.sh                    exit status 1 if a ratio is more than 15 % above its baseline
#     run.sh --tolerance 40     the same with 40 %, on another machine than that of the baseline
#     run.sh --renew            writes the ratios as the new baseline
set -euo pipefail
cd "$(dirname "$0")"
cargo run --quiet --features measure --bin measure -- "$@"
