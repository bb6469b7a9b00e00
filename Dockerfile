FROM python:3.13-slim AS build
WORKDIR /build
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
COPY constraints.txt pyproject.toml README.md ./
RUN pip install --no-cache-dir --constraint constraints.txt setuptools
COPY gateway gateway
RUN pip install --no-cache-dir --no-build-isolation --constraint constraints.txt .

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home gateway && install --directory --owner=10001 --mode=0700 /data
COPY --from=build /venv /venv
COPY mappings /mappings
ENV PATH=/venv/bin:$PATH
ENV PYTHONUNBUFFERED=1
ENV GATEWAY_DATA=/data
ENV GATEWAY_MAPPINGS=/mappings
USER 10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["gateway"]
CMD ["serve", "--bind", "0.0.0.0:8000"]
