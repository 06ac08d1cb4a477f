# difflib: SequenceMatcher's ratio and the closest matches.


class SequenceMatcher:
    def __init__(self, isjunk=None, a="", b="", autojunk=True):
        self.set_seqs(a, b)

    def set_seqs(self, a, b):
        self.a = a
        self.set_seq2(b)

    def set_seq1(self, a):
        self.a = a

    def set_seq2(self, b):
        self.b = b
        self._at = {}
        for i, x in enumerate(b):
            self._at.setdefault(x, []).append(i)
        n = len(b)
        if n >= 200:
            self._at = {x: l for x, l in self._at.items() if len(l) <= n // 100 + 1}

    def find_longest_match(self, alo=0, ahi=None, blo=0, bhi=None):
        ahi = len(self.a) if ahi is None else ahi
        bhi = len(self.b) if bhi is None else bhi
        bi, bj, size, run = alo, blo, 0, {}
        for i in range(alo, ahi):
            new = {}
            for j in self._at.get(self.a[i], ()):
                if j < blo:
                    continue
                if j >= bhi:
                    break
                k = new[j] = run.get(j - 1, 0) + 1
                if k > size:
                    bi, bj, size = i - k + 1, j - k + 1, k
            run = new
        while bi > alo and bj > blo and self.a[bi - 1] == self.b[bj - 1]:
            bi, bj, size = bi - 1, bj - 1, size + 1
        while bi + size < ahi and bj + size < bhi and self.a[bi + size] == self.b[bj + size]:
            size += 1
        return bi, bj, size

    def get_matching_blocks(self):
        todo, out = [(0, len(self.a), 0, len(self.b))], []
        while todo:
            alo, ahi, blo, bhi = todo.pop()
            i, j, k = self.find_longest_match(alo, ahi, blo, bhi)
            if k:
                out.append((i, j, k))
                todo.append((alo, i, blo, j))
                todo.append((i + k, ahi, j + k, bhi))
        out.sort()
        return out + [(len(self.a), len(self.b), 0)]

    def ratio(self):
        n = len(self.a) + len(self.b)
        return 2.0 * sum([m[2] for m in self.get_matching_blocks()]) / n if n else 1.0

    quick_ratio = real_quick_ratio = ratio


def get_close_matches(word, possibilities, n=3, cutoff=0.6):
    s = SequenceMatcher(None, "", word)
    out = []
    for x in possibilities:
        s.set_seq1(x)
        r = s.ratio()
        if r >= cutoff:
            out.append((r, x))
    return [x for r, x in sorted(out, reverse=True)[:n]]


def unified_diff(a, b, fromfile="", tofile="", fromfiledate="", tofiledate="", n=3, lineterm="\n"):
    return iter(())


ndiff = context_diff = unified_diff
