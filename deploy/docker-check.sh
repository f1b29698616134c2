#!/usr/bin/env bash
# Build the image and run it, hardened, on a machine that has no Docker engine and reaches no image registry.
#
# The engine is Debian's, unpacked into a private folder and started there; the base image is made from Debian packages and
# the CPython found on this machine. Needs root, Debian's package mirror and about three minutes the first time.
# usage: deploy/docker-check.sh [WORKDIR]
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
work=${1:-${TMPDIR:-/tmp}/attune-docker-check}
image=attune:check
container=attune-check
port=18080
key=$(head -c 24 /dev/urandom | od -An -tx1 | tr -d " \n")

say() { printf '== [%3ds] %s\n' "$SECONDS" "$*"; }

find_base_python() {  # the prefix of a CPython of the Dockerfile's version, else of an older one, with its shared library if it has one
    local version candidate
    for version in $(sed -n 's/^ARG PYTHON=//p' "$root/Dockerfile") 3.12 3.11; do
        for candidate in "python$version" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*/bin/python"$version"; do
            if "$candidate" -c '' 2>/dev/null; then
                "$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2], sys.base_prefix)'
                return
            fi
        done
    done
    echo "no Python 3.11, 3.12 or 3.13 found for the base image" >&2
    return 1
}

install_tools() {
    if ! command -v runc iptables mmdebstrap >/dev/null || [ "$(command -v runc iptables mmdebstrap | wc -l)" -lt 3 ]; then
        say "installing runc, iptables and mmdebstrap"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends runc iptables mmdebstrap >/dev/null
    fi
}

unpack_engine() {
    [ -x "$work/engine/usr/sbin/dockerd" ] && return
    say "unpacking Debian's Docker engine"
    mkdir -p "$work/packages"
    (cd "$work/packages" && { apt-get download -qq docker.io containerd tini || { apt-get update -qq && apt-get download -qq docker.io containerd tini; }; } 2>/dev/null)
    for package in "$work"/packages/*.deb; do dpkg -x "$package" "$work/engine"; done
}

make_base() {  # $1 Python's version, $2 its prefix
    [ -f "$work/base-$1.tar" ] && return
    say "making the base image from Debian packages and $2"
    local rootfs=$work/rootfs local=$work/rootfs/usr/local
    rm -rf "$rootfs"
    mmdebstrap --quiet --variant=minbase \
        --include=ca-certificates,netbase,tzdata,libssl3,libffi8,libsqlite3-0,libbz2-1.0,liblzma5,libreadline8,zlib1g,libexpat1,libncursesw6,libuuid1 \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$rootfs"
    mkdir -p "$local"/{bin,lib,include}
    cp -a "$2/bin/python$1" "$local/bin/"
    cp -a "$2/include/python$1" "$local/include/"
    find "$2/lib" -maxdepth 1 -name 'libpython3*.so*' -exec cp -a {} "$local/lib/" \;
    tar -C "$2/lib" -cf - --exclude=__pycache__ --exclude='*.a' --exclude="python$1/test" --exclude="python$1/site-packages/*" \
        --exclude="python$1/idlelib" --exclude="python$1/tkinter" --exclude='lib-dynload/_tkinter*' "python$1" | tar -C "$local/lib" -xf -
    ln -s "python$1" "$local/bin/python3"
    ln -s python3 "$local/bin/python"
    # the certificates this machine trusts, in the base of this check only
    cp /etc/ssl/certs/ca-certificates.crt "$rootfs/etc/ssl/certs/"
    printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$rootfs/etc/pip.conf"
    chroot "$rootfs" ldconfig
    chroot "$rootfs" /usr/local/bin/python3 -m ensurepip --default-pip >/dev/null 2>&1
    rm -rf "$rootfs"/var/lib/apt/lists/*
    tar -C "$rootfs" -cf "$work/base-$1.tar" .
    rm -rf "$rootfs"
}

start_engine() {
    export PATH=$work/engine/usr/bin:$work/engine/usr/sbin:$PATH
    export DOCKER_HOST=unix://$work/engine.sock DOCKER_CONFIG=$work/config DOCKER_BUILDKIT=1
    mkdir -p "$work"/{config,data,run}
    rm -f "$work/engine.pid"
    "$work/engine/usr/sbin/dockerd" --data-root "$work/data" --exec-root "$work/run" --pidfile "$work/engine.pid" -H "$DOCKER_HOST" \
        --iptables=false --ip6tables=false --ip-forward=false --bridge=none --storage-driver overlay2 >"$work/engine.log" 2>&1 &
    trap stop_engine EXIT
    for _ in $(seq 60); do docker version >/dev/null 2>&1 && break; sleep 0.5; done
    say "engine $(docker version --format '{{.Server.Version}}') is up"
}

stop_engine() {
    docker rm -f "$container" >/dev/null 2>&1 || true
    kill "$(cat "$work/engine.pid" 2>/dev/null)" 2>/dev/null || true
    wait 2>/dev/null || true
    umount "$work/run/netns/default" 2>/dev/null || true
}

build_image() {  # $1 Python's version
    docker image inspect "python:$1-slim" >/dev/null 2>&1 ||
        docker import -c 'ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin' -c 'ENV LANG=C.UTF-8' \
            -c 'CMD ["python3"]' "$work/base-$1.tar" "python:$1-slim" >/dev/null
    docker build --quiet --network host --build-arg "PYTHON=$1" --build-arg REVISION=check --tag "$image" "$root" >/dev/null
    say "built an image of $(docker image inspect "$image" --format '{{.Size}}' | awk '{printf "%d MB", $1 / 1e6}')"
}

run_container() {
    docker rm -f "$container" >/dev/null 2>&1 || true
    docker run --detach --name "$container" --network host --env "PORT=$port" --env "ATTUNE_BOOTSTRAP_KEY=$key" --read-only --tmpfs /tmp:rw,noexec,nosuid,size=16m \
        --cap-drop ALL --security-opt no-new-privileges --pids-limit 128 --memory 384m "$image" >/dev/null
    for _ in $(seq 60); do
        health=$(docker inspect "$container" --format '{{.State.Health.Status}}')
        [ "$health" = healthy ] && break
        sleep 0.5
    done
    say "health by the image's own check: $health"
    [ "$health" = healthy ] || { docker logs "$container"; return 1; }
}

ask_container() {
    say "asking it about the fictional person of deploy/demo/profile.json"
    docker exec --interactive "$container" python - "$port" "$key" <<'PROGRAM'
import json, pathlib, sys, urllib.request
body = pathlib.Path("deploy/demo/profile.json").read_bytes()
url = f"http://127.0.0.1:{sys.argv[1]}/v1/recommendations?detail=full"
with urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": "application/json", "Authorization": f"Bearer {sys.argv[2]}"}), timeout=10) as response:
    answer, headers = json.load(response), response.headers
lists = ("recommendations", "clinician_first", "withheld", "deferred", "not_indicated")
placed = [row["intervention"] for name in lists for row in answer[name]]
assert len(placed) == len(set(placed)) == 14, placed
assert len(answer["components"]) == 4 and answer["trace"]["nodes"]
assert headers["Rulebase-Version"] and headers["X-Request-ID"] and headers["Cache-Control"] == "no-store"
print("   ", answer["disposition"], "-", len(answer["recommendations"]), "recommended,", len(answer["trace"]["nodes"]), "trace nodes")
PROGRAM
    [ "$(docker exec "$container" id -u)" = 10001 ] || { echo "the container does not run as 10001" >&2; return 1; }
    ! docker exec "$container" sh -c 'command -v gcc cc pip' || { echo "a compiler or pip is left in the image" >&2; return 1; }
}

stop_container() {
    local began=$SECONDS
    docker logs "$container" 2>&1 | grep -iE 'traceback|read-only' && { echo "the log tells of faults" >&2; return 1; }
    docker stop --time 30 "$container" >/dev/null
    local code
    code=$(docker inspect "$container" --format '{{.State.ExitCode}}')
    say "stopped in $((SECONDS - began)) s with exit code $code"
    [ "$code" = 0 ]
}

[ "$(id -u)" = 0 ] || { echo "this check starts a Docker engine and so must run as root" >&2; exit 1; }
mkdir -p "$work"
read -r version prefix < <(find_base_python)
install_tools
unpack_engine
make_base "$version" "$prefix"
start_engine
build_image "$version"
run_container
ask_container
stop_container
say "the image works"
