# The one image of the platform: web, bots, worker, pump, beat and migrate differ by their command alone.

FROM python:3.12-slim AS build
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
# Before the code, so that a change of code installs nothing again.
COPY requirements.txt requirements-drand.txt requirements-observe.txt /tmp/
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement /tmp/requirements.txt \
        --requirement /tmp/requirements-drand.txt --requirement /tmp/requirements-observe.txt
WORKDIR /app
COPY . .
# Settings refuse to be read with anything missing; these values serve the two commands below and nobody else,
# and stay in this stage.
RUN export SECRET_KEY=for-collecting-static-files-and-nothing-else \
        ENCRYPTION_KEYS=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
        SIGNING_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
        PUBLIC_URL=https://build.invalid ALLOWED_HOSTS=build.invalid \
        DATABASE_URL=postgresql://build.invalid/none REDIS_URL=redis://build.invalid/0 \
    && python manage.py collectstatic --noinput \
    && python -m whitenoise.compress --quiet staticfiles \
    && python -m compileall -q .

FROM python:3.12-slim
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin telegive
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
# In a container the way in is the container's network; outside of one the default is the loopback.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_ARENA_MAX=2 \
    WEB_HOST=0.0.0.0 \
    BOTS_HOST=0.0.0.0 \
    METRICS_HOST=0.0.0.0
WORKDIR /app
# A number, so that an orchestrator can see that it is not root. Nothing below /app and /opt is writable to it.
USER 10001:10001
EXPOSE 8000 8082 8090
CMD ["gunicorn", "-c", "config/gunicorn.py", "config.wsgi"]
