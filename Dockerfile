# Two stages: one builds the front end and the packages (`make image`), the other has what serving and grading read.
# docs/operations/containers.md says how to run it, and what each level of the sandbox needs of a container.
FROM python:3.11-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/whetstone
COPY pyproject.toml constraints.txt package.json package-lock.json .npmrc Makefile README.md LICENSE ./
COPY app app
COPY static static
COPY templates templates
RUN make image PYTHON=python3
# What pip is told to install PyTorch: the arguments of the command that its "Get started" page names.
ARG TORCH=""
RUN if [ -n "$TORCH" ]; then .run/bin/python -m pip install --no-cache-dir $TORCH; fi

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin whetstone \
    && install -d -o whetstone -g whetstone -m 0700 /data
WORKDIR /srv/whetstone
COPY --from=build /srv/whetstone/.run .run
COPY --from=build /srv/whetstone/app app
COPY --from=build /srv/whetstone/templates templates
COPY --from=build /srv/whetstone/static/dist static/dist
COPY questions questions
ENV PATH=/srv/whetstone/.run/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    WHETSTONE_DATA_DIR=/data WHETSTONE_HOST=0.0.0.0 WHETSTONE_LOG=json PORT=8000
USER whetstone
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --start-interval=2s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
CMD ["whetstone", "serve"]
