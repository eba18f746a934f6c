#!/bin/sh
# rustdoc with its JSON, which programs read and stable versions keep behind this variable. Set for cargo as a whole, it would
# build all dependencies again.
RUSTC_BOOTSTRAP=1 exec rustdoc "$@"
