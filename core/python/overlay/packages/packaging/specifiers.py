# packaging.specifiers.
from packaging.version import InvalidVersion, Version


class InvalidSpecifier(ValueError):
    pass


class Specifier:
    def __init__(self, spec="", prereleases=None):
        s = spec.strip()
        for op in ("===", "~=", "==", "!=", "<=", ">=", "<", ">"):
            if s.startswith(op):
                self.operator, self.version = op, s[len(op) :].strip()
                break
        else:
            raise InvalidSpecifier(f"Invalid specifier: {spec!r}")
        self._wild = self.version.endswith(".*") and self.operator in ("==", "!=")
        try:
            if self.operator != "===":
                self._v = Version(self.version[:-2] if self._wild else self.version)
        except InvalidVersion:
            raise InvalidSpecifier(f"Invalid specifier: {spec!r}") from None
        self._pre = prereleases

    @property
    def prereleases(self):
        if self._pre is not None:
            return self._pre
        return (
            self.operator in ("==", ">=", "<=", "~=", "===")
            and not self._wild
            and self._v.is_prerelease
        )

    def __str__(self):
        return self.operator + self.version

    def __repr__(self):
        return f"<Specifier({str(self)!r})>"

    def __hash__(self):
        return hash(str(self))

    def __eq__(self, o):
        return str(self) == str(o)

    def _prefix(self, v, n):
        r = v.release[:n] + (0,) * (n - len(v.release))
        return v.epoch == self._v.epoch and r == self._v.release[:n]

    def _holds(self, v):
        op, w = self.operator, self._v
        public = Version(v.public)
        if op in ("==", "!="):
            r = self._prefix(v, len(w.release)) if self._wild else (v if w.local else public) == w
            return r if op == "==" else not r
        if op == "<=":
            return public <= w
        if op == ">=":
            return public >= w
        if op == "<":
            return v < w and not (
                not w.is_prerelease
                and v.is_prerelease
                and Version(v.base_version) == Version(w.base_version)
            )
        if op == ">":
            return (
                v > w
                and not (
                    not w.is_postrelease
                    and v.is_postrelease
                    and Version(v.base_version) == Version(w.base_version)
                )
                and not (v.local and Version(v.base_version) == Version(w.base_version))
            )
        return public >= w and self._prefix(v, len(w.release) - 1)

    def contains(self, item, prereleases=None):
        if self.operator == "===":
            return str(item).lower() == self.version.lower()
        v = item if isinstance(item, Version) else Version(item)
        pre = self.prereleases if prereleases is None else prereleases
        if v.is_prerelease and not pre:
            return False
        return self._holds(v)

    __contains__ = contains


class SpecifierSet:
    def __init__(self, specifiers="", prereleases=None):
        if isinstance(specifiers, str):
            specifiers = [Specifier(s) for s in specifiers.split(",") if s.strip()]
        self._specs, self._pre = list(specifiers), prereleases

    @property
    def prereleases(self):
        if self._pre is not None:
            return self._pre
        return any([s.prereleases for s in self._specs]) if self._specs else None

    def __iter__(self):
        return iter(self._specs)

    def __len__(self):
        return len(self._specs)

    def __str__(self):
        return ",".join(sorted(map(str, self._specs)))

    def __repr__(self):
        return f"<SpecifierSet({str(self)!r})>"

    def __eq__(self, o):
        return str(self) == str(o)

    def __hash__(self):
        return hash(str(self))

    def __and__(self, o):
        return SpecifierSet(self._specs + list(SpecifierSet(o) if isinstance(o, str) else o))

    def contains(self, item, prereleases=None, installed=None):
        v = item if isinstance(item, Version) else Version(item)
        pre = self.prereleases if prereleases is None else prereleases
        if not pre and v.is_prerelease:
            return False
        return all([s.contains(v, True) for s in self._specs])

    __contains__ = contains

    def filter(self, iterable, prereleases=None):
        return iter([v for v in iterable if self.contains(v, prereleases)])
