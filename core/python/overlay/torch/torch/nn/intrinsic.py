# Quantised training and inference of eager mode: not modelled.
