# System Alert Online. One image, several processes: compose.yaml gives each its command.
# The build's own settings (certificate authorities, pip.conf, npmrc) come as optional secrets, so
# that a company's proxy works and nothing of it stays in a layer; `make image` passes them.

# What runs: Python and the libraries of GeoDjango, no compiler, no package manager of languages.
FROM debian:bookworm-slim AS base
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 libgdal32 libgeos-c1v5 proj-data \
    && rm -rf /var/lib/apt/lists/*
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONPATH=/app:/app/platform \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /app

FROM base AS python
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-venv gettext \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.lock .
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    --mount=type=secret,id=pip,target=/etc/pip.conf \
    python3 -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock \
    && .venv/bin/pip uninstall -q -y pip setuptools

# Debian 12 has Node 18; Vite needs 20, which npm itself can bring.
FROM debian:bookworm-slim AS front
RUN apt-get update \
    && apt-get install -y --no-install-recommends npm \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /front
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    --mount=type=secret,id=npm,target=/root/.npmrc \
    npm install --no-audit --no-fund --prefix /opt/node node@20 npm@10
ENV PATH=/opt/node/node_modules/.bin:$PATH \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    --mount=type=secret,id=npm,target=/root/.npmrc \
    npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM python AS assembled
COPY . .
COPY --from=front /front/dist frontend/dist
RUN python -c "from ops import build; build.catalogues()" \
    && python -m compileall -q manage.py platform teryt gis_layers dispatch ops \
    && SECRET_KEY=build FIELD_KEYS= DATABASE_URL=postgis:///none REDIS_URL=redis://none \
       python manage.py collectstatic --noinput --verbosity=0

FROM base
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin app \
    && install -d -o app /var/lib/system-alert-online
COPY --from=assembled /app /app
ENV AUDIT_HEADS_FILE=/var/lib/system-alert-online/audit-heads.log
VOLUME /var/lib/system-alert-online
USER app
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-m", "ops.probe", "http://localhost:8000/healthz"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "8", "--backpressure", "64", "--no-ws", "config.wsgi:application"]
