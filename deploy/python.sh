#!/bin/sh
# Print the path of a Python that can build and run Attune, or say what to install.
# usage: deploy/python.sh
set -u

usable() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12), (3, 13)))' 2>/dev/null; }
has() { "$1" -c "$2" 2>/dev/null; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
has_venv() { has "$1" 'import ensurepip, venv'; }
has_headers() { has "$1" 'import os, sys, sysconfig; sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'; }

python=
for name in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    usable "$name" || continue
    python=${python:-$name}  # if none is complete, what the newest one lacks is said
    if has_venv "$name" && has_headers "$name"; then python=$name; break; fi
done
[ -n "$python" ] ||
    fail "Attune needs Python 3.11, 3.12 or 3.13." \
         "Install one, on Debian or Ubuntu for example with: apt-get install python3.11 python3.11-dev python3.11-venv"
version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
has_venv "$python" ||
    fail "$version cannot make virtual environments. Install its venv module, on Debian or Ubuntu with: apt-get install $version-venv"
has_headers "$python" ||
    fail "The C headers of $version are missing. Install them, on Debian or Ubuntu with: apt-get install $version-dev"
command -v "${CC:-cc}" >/dev/null || command -v gcc >/dev/null || command -v clang >/dev/null ||
    fail "A C compiler is missing; the rule engine is compiled while it is installed." \
         "Install one, on Debian or Ubuntu with: apt-get install gcc libc6-dev"
"$python" -c 'import sys; print(sys.executable)'
