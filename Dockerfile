# A small image of parley: the bundle and the node binary on Debian, no npm, no compiler, no root.
# Written in the classic builder's syntax, so that every Docker can build it.

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# This image has the right Node already, so the install scripts, which would fetch another, are not needed.
RUN npm ci --ignore-scripts
COPY config config
COPY scripts/build scripts/build
COPY scripts/build.ts scripts/
COPY src src
RUN node scripts/build.ts

FROM debian:bookworm-slim
# A fixed id, so that volumes keep their owner from image to image, and a name, which programs ask the system for.
# A new volume takes over the owner and mode of the folder that it is mounted on.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data parley \
 && install --directory --owner parley --group parley --mode 0700 /data
COPY --from=build /usr/local/bin/node /usr/local/bin/
COPY --from=build /build/dist /opt/parley/dist
COPY config /opt/parley/config
RUN ln -s /opt/parley/dist/parley.cjs /usr/local/bin/parley
ENV PARLEY_DATA=/data
USER parley
WORKDIR /opt/parley
EXPOSE 12345
ENTRYPOINT ["parley"]
CMD ["helper"]
