"""The tests mirror the source tree; `tests.postgres`, `tests.chromium` and `tests.loopback` give them a server, a browser and no network."""
