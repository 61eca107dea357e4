# One image for all parts: docker-compose.yml runs them apart, and without a command it runs the
# whole platform in one container.

FROM python:3.11-slim-bookworm AS engine-version
COPY requirements.lock /
RUN grep '^llama-cpp-python==' requirements.lock > engine.lock


FROM python:3.11-slim-bookworm AS builder
RUN apt-get update \
    && apt-get install --yes --no-install-recommends g++ make \
    && rm -rf /var/lib/apt/lists/* \
    && python -m venv /venv
ENV PATH=/venv/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# llama.cpp tunes itself to the processor it is compiled on, and what comes of it stops with an
# illegal instruction on another. Without GGML_NATIVE its CMake takes AVX2, FMA, F16C and BMI2 on
# x86-64 (made since 2013), and plain ARMv8 on ARM. For an image that stays on one machine:
#   docker compose build --build-arg LLAMA_CPU=-DGGML_NATIVE=ON
# The version comes from a stage of its own, so that other changes of the lock compile nothing.
ARG LLAMA_CPU=-DGGML_NATIVE=OFF
COPY --from=engine-version engine.lock /
RUN SKBUILD_BUILD_TARGETS="llama;llama-common;mtmd" CMAKE_ARGS="$LLAMA_CPU -DMTMD_VIDEO=OFF \
    -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_EXAMPLES=OFF \
    -DLLAMA_BUILD_TESTS=OFF" pip install --no-deps -r engine.lock

COPY requirements.lock /
RUN pip install -r requirements.lock


FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 --create-home parley \
    && install --directory --owner parley --group parley /data /models

COPY --from=builder /venv /venv
WORKDIR /app
COPY . .
RUN python -m compileall -q .

ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 DJANGO_SETTINGS_MODULE=chatsite.settings \
    HOST=0.0.0.0 DATA_DIR=/data MODELS_DIR=/models
USER parley
EXPOSE 8000
CMD ["python", "manage.py", "start"]
