#!/bin/sh
# Print the path of a Python that can build and run Attune, or say what to install.
# usage: deploy/python.sh
set -u

usable() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null; }
has() { "$1" -c "$2" 2>/dev/null; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

python=
for name in ${PYTHON:-python3.12 python3.11 python3}; do
    if command -v "$name" >/dev/null && usable "$name"; then python=$name; break; fi
done
[ -n "$python" ] ||
    fail "Attune needs Python 3.11 or 3.12 (its rule engine, durable-rules, cannot be imported on 3.13)." \
         "Install it, on Debian or Ubuntu with: apt-get install python3.11 python3.11-dev python3.11-venv"
version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
has "$python" 'import ensurepip, venv' ||
    fail "$version cannot make virtual environments. Install its venv module, on Debian or Ubuntu with: apt-get install $version-venv"
has "$python" 'import os, sys, sysconfig; sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' ||
    fail "The C headers of $version are missing. Install them, on Debian or Ubuntu with: apt-get install $version-dev"
command -v "${CC:-cc}" >/dev/null || command -v gcc >/dev/null || command -v clang >/dev/null ||
    fail "A C compiler is missing; the rule engine is compiled while it is installed." \
         "Install one, on Debian or Ubuntu with: apt-get install gcc libc6-dev"
"$python" -c 'import sys; print(sys.executable)'
