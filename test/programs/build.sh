#!/bin/sh
# Builds every C program here to WebAssembly; those that use vector intrinsics with -msimd128.
# Debian 12: apt-get install clang lld wasi-libc libclang-rt-dev-wasm32
set -e
cd "$(dirname "$0")/c"
for source in *.c; do
  vectors=$(grep -q wasm_simd128.h "$source" && echo -msimd128 || true)
  clang --target=wasm32-wasi -O2 $vectors -Wall -Wno-unused-function -Wl,--strip-all -o "${source%.c}.wasm" "$source" -lm
  chmod 644 "${source%.c}.wasm"
done
sha256sum ./*.wasm > SHA256SUMS
cd ../files
for source in *.c; do
  clang --target=wasm32-wasi -O2 -Wall -Wl,--strip-all -o "${source%.c}.wasm" "$source"
  chmod 644 "${source%.c}.wasm"
done
sha256sum ./*.wasm > SHA256SUMS
