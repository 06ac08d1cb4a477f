# Causal bias classes.


class CausalBias:
    pass
