# hashlib: every digest at lengths around the padding's edges.
import hashlib

for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512"):
    for n in (0, 1, 3, 55, 56, 63, 64, 65, 111, 112, 119, 120, 127, 128, 129, 300):
        print(name, n, getattr(hashlib, name)(bytes(i & 255 for i in range(n))).hexdigest())
    print(hashlib.new(name, b"x").name, hashlib.new(name).digest_size)
