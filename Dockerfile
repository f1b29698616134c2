ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
RUN apt-get update \
 && apt-get install --yes --no-install-recommends gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/*
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# durable-rules 2.0.28 calls a function that Python 3.13 no longer has; the name of the one in its place is known to all of them
ENV CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject
RUN python -m venv /opt/attune
COPY requirements-build.txt requirements.txt /tmp/
RUN /opt/attune/bin/pip install --quiet --require-hashes -r /tmp/requirements-build.txt \
 && /opt/attune/bin/pip install --quiet --require-hashes --no-build-isolation -r /tmp/requirements.txt \
 && /opt/attune/bin/pip uninstall --quiet --yes setuptools pip

FROM python:${PYTHON}-slim
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Attune" \
      org.opencontainers.image.description="Rule-based health advice over HTTP, every answer explained; not clinically validated" \
      org.opencontainers.image.revision="${REVISION}"
ENV PATH=/opt/attune/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ATTUNE_REVISION=${REVISION} \
    ATTUNE_HOST=0.0.0.0 \
    ATTUNE_DATA=/data \
    DATABASE_URL=sqlite:////data/attune.db \
    PORT=8000
COPY --from=build /opt/attune /opt/attune
RUN python -c "import durable_rules_engine"
WORKDIR /app
COPY schemas schemas
COPY service service
COPY rules rules
COPY deploy/gunicorn.conf.py deploy/start.sh deploy/
COPY deploy/demo/profile.json deploy/demo/
RUN python -m service check && install -d -o 10001 -g 10001 /data
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/readyz', timeout=2)"]
ENTRYPOINT ["deploy/start.sh"]
