#!/bin/sh
# What the image runs: the database brought up to date, then the service; with arguments, a command of the service instead.
set -eu
[ $# -eq 0 ] || exec python -m service "$@"
python -m service migrate
exec python -m gunicorn --config deploy/gunicorn.conf.py
