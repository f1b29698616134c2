#!/usr/bin/env bash
# Paste README's commands into a shell, as a reader would: the service asked by hand, then its keys.
# The others are run elsewhere: `make demo` and `make test` by .ci/run, the image by deploy/docker-check.sh.
# usage: deploy/readme-check.sh, in a copy of the tree that kept no decisions yet, while port 8000 is free
set -euo pipefail
cd "$(dirname "$0")/.."
[ ! -e data ] || { echo "data/ is there: a key of its own would not open this store" >&2; exit 1; }

block() {  # the block of shell that contains $1
    awk -v wanted="$1" '
        /^```sh$/ { inside = 1; text = ""; next }
        /^```$/ && inside { inside = 0; if (index(text, wanted)) printf "%s", text; next }
        inside { text = text $0 "\n" }' README.md
}

session() {
    echo 'set -m'  # as in a terminal, where each job is a group of processes
    block 'make serve'
    echo 'echo'
    block 'keys create' | sed 's/key_01a2…/$(python -m service keys list | awk "\/my-app\/ { print \\$1 }")/'
    echo 'python -m service keys list; kill %1; wait %1'
}

told=$(mktemp)
trap 'rm "$told"' EXIT
session | bash >"$told" 2>&1 || true  # make says that it was ended
cut -c 1-300 "$told"
for expected in '"disposition":"self_care"' 'my-app' revoked; do
    grep -q "$expected" "$told" || { echo "README's commands did not lead to: $expected" >&2; exit 1; }
done
