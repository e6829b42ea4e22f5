FROM python:3.12-slim AS build

RUN python -m venv /opt/vidi
WORKDIR /src
COPY requirements/run.txt requirements/
RUN /opt/vidi/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY cogs cogs
COPY migrations migrations
COPY playground playground
RUN /opt/vidi/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim

RUN useradd --uid 10001 --create-home vidi && install --directory --owner vidi /data
COPY --from=build /opt/vidi /opt/vidi
ENV PATH=/opt/vidi/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    VIDI_DATA_DIR=/data
USER vidi
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
CMD ["vidi", "run"]
