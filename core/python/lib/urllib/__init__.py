# urllib.
