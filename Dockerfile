# The image of web, worker, beat and migrate.
FROM node:24-bookworm-slim AS packages
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim-bookworm AS environment
COPY requirements/base.txt /build/base.txt
RUN python -m venv /opt/steward \
 && /opt/steward/bin/pip install --no-cache-dir --no-deps --only-binary :all: --require-hashes -r /build/base.txt

FROM python:3.11-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 steward \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin steward
COPY --from=environment /opt/steward /opt/steward
ENV PATH=/opt/steward/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    STEWARD_VAR=/srv/steward/var
WORKDIR /srv/steward
COPY . .
COPY --from=packages /build/node_modules node_modules
# Addresses and keys of this step are used by nothing: no connection is opened and no secret is kept.
RUN python -c "from pathlib import Path; from config.environment import write_keys; write_keys(Path('/tmp/keys.env'))" \
 && export KEY_FILE=/tmp/keys.env DATABASE_URL=postgresql://nobody@nowhere/none REDIS_URL=redis://nowhere/0 \
 && python manage.py messages --compile \
 && python manage.py collectstatic --noinput \
 && rm /tmp/keys.env \
 && mkdir -p var/files var/run var/anchors var/witness \
 && chown -R steward:steward var/files var/run var/anchors var/witness
USER 10001:10001
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "config.wsgi:application"]
