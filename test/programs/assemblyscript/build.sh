#!/bin/sh
# Builds the AssemblyScript programs here to WebAssembly, with the compiler of the repository's devDependencies. They end in .as,
# because TypeScript's tools would take them for TypeScript.
set -e
cd "$(dirname "$0")"
copy=$(mktemp -d)
cp words.as "$copy/words.ts"
npx asc "$copy/words.ts" --baseDir "$copy" --outFile words.wasm --optimize --runtime stub --use abort=words/abort
rm -r "$copy"
sha256sum words.wasm > SHA256SUMS
