# Not modelled.
