#!/bin/sh
# Builds mandelbrot.wasm. Debian 12: apt-get install clang lld wasi-libc libclang-rt-dev-wasm32
set -e
cd "$(dirname "$0")"
clang --target=wasm32-wasi -O2 -Wall -Wl,--strip-all -o mandelbrot.wasm mandelbrot.c -lm
sha256sum mandelbrot.wasm > mandelbrot.wasm.sha256
cat mandelbrot.wasm.sha256
