# The same steps as the Makefile's, in stages: build (front end and packages), then a slim image without Node.
FROM python:3.11-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends git make && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/whetstone
COPY pyproject.toml constraints.txt package.json package-lock.json .npmrc Makefile README.md LICENSE ./
COPY app app
COPY static static
COPY templates templates
RUN make setup PYTHON=python3

FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 whetstone && mkdir /data && chown whetstone /data
WORKDIR /srv/whetstone
COPY --from=build /srv/whetstone/.venv .venv
COPY --from=build /srv/whetstone/app app
COPY --from=build /srv/whetstone/templates templates
COPY --from=build /srv/whetstone/static/dist static/dist
COPY --from=build /srv/whetstone/pyproject.toml pyproject.toml
COPY questions questions
ENV PATH=/srv/whetstone/.venv/bin:$PATH PYTHONUNBUFFERED=1 \
    WHETSTONE_DATA_DIR=/data WHETSTONE_HOST=0.0.0.0 PORT=8000
USER whetstone
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
CMD ["whetstone", "serve"]
