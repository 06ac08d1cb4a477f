# What the drivers of all engines share: core/engine/README.md. Must not know any engine.
