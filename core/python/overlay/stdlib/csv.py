# csv: reading of simple files.


class Error(Exception):
    pass


def reader(f, dialect="excel", delimiter=",", quotechar='"', **kw):
    for line in f:
        row, cell, quoted, line = [], "", False, line.rstrip("\r\n")
        i = 0
        while i < len(line):
            c = line[i]
            if c == quotechar:
                if quoted and line[i + 1 : i + 2] == quotechar:
                    cell += c
                    i += 1
                else:
                    quoted = not quoted
            elif c == delimiter and not quoted:
                row.append(cell)
                cell = ""
            else:
                cell += c
            i += 1
        row.append(cell)
        yield row


def DictReader(f, fieldnames=None, **kw):
    rows = reader(f, **kw)
    names = fieldnames or next(rows)
    for r in rows:
        yield dict(zip(names, r))


class writer:
    def __init__(self, f, *a, **k):
        self._f = f

    def writerow(self, row):
        self._f.write(",".join(map(str, row)) + "\r\n")

    def writerows(self, rows):
        for r in rows:
            self.writerow(r)


QUOTE_MINIMAL, QUOTE_ALL, QUOTE_NONNUMERIC, QUOTE_NONE = range(4)
