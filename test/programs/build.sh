#!/bin/sh
# Builds every C program here to WebAssembly. Debian 12: apt-get install clang lld wasi-libc libclang-rt-dev-wasm32
set -e
cd "$(dirname "$0")/c"
for source in *.c; do
  clang --target=wasm32-wasi -O2 -Wall -Wno-unused-function -Wl,--strip-all -o "${source%.c}.wasm" "$source" -lm
  chmod 644 "${source%.c}.wasm"
done
sha256sum ./*.wasm > SHA256SUMS
