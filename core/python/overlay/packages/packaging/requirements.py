# packaging.requirements.
from packaging.specifiers import InvalidSpecifier, SpecifierSet


class InvalidRequirement(ValueError):
    pass


class Requirement:
    def __init__(self, text):
        s, _, marker = text.partition(";")
        i = 0
        s = s.strip()
        while i < len(s) and (s[i].isalnum() or s[i] in "-_."):
            i += 1
        self.name, rest = s[:i], s[i:].strip()
        if not self.name:
            raise InvalidRequirement(
                f"Expected package name at the start of dependency specifier\n    {text}\n    ^"
            )
        self.extras, self.url, self.marker = set(), None, marker.strip() or None
        if rest.startswith("["):
            inside, _, rest = rest[1:].partition("]")
            self.extras = {e.strip() for e in inside.split(",") if e.strip()}
            rest = rest.strip()
        if rest.startswith("@"):
            self.url, rest = rest[1:].strip(), ""
        try:
            self.specifier = SpecifierSet(rest.strip("()"))
        except InvalidSpecifier as e:
            raise InvalidRequirement(str(e)) from None

    def __str__(self):
        return (
            self.name
            + (f"[{','.join(sorted(self.extras))}]" if self.extras else "")
            + str(self.specifier)
            + (f"@ {self.url}" if self.url else "")
            + (f"; {self.marker}" if self.marker else "")
        )
