"""The tests mirror the source tree; the modules beside this one give them a server, a browser and no network."""
