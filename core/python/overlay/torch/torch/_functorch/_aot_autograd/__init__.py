# Ahead-of-time differentiation: not run.
