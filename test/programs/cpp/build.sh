#!/bin/sh
# Builds the C++ programs here to WebAssembly, with the names of their functions.
# Debian 12: apt-get install clang lld wasi-libc libclang-rt-dev-wasm32 libc++-14-dev-wasm32 libc++abi-14-dev-wasm32
set -e
cd "$(dirname "$0")"
clang++ --target=wasm32-wasi -std=c++20 -O3 -Wall -Wextra -fno-exceptions -Wl,--strip-debug -Wl,-z,stack-size=1048576 -o sql.wasm sql/*.cpp
chmod 644 sql.wasm
sha256sum sql.wasm > SHA256SUMS
