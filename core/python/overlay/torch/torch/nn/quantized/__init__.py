# Quantised inference of eager mode: not modelled.
