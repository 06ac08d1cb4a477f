"""Wraps the paragraphs and list items of Markdown files that have a line of over 100 columns.

usage: wrap_markdown.py [--check] FILE...

Tables, fenced code, headings, HTML comments and words that are longer than a line stay as they are.
With --check nothing is written: each line that is too long is named, and the status is 1.
"""

import re
import sys
import textwrap

WIDTH = 100
ITEM = re.compile(r"^( *)([-*+]|\d+\.) +")
APART = re.compile(r"^\s*(\||#|<!--|```|$)")


def blocks(lines):
    """(is text, lines): paragraphs and list items one by one, everything else as it is."""
    fenced, text = False, []
    for line in lines:
        fence = line.lstrip().startswith("```")
        if fenced or fence or APART.match(line):
            if text:
                yield True, text
                text = []
            yield False, [line]
            fenced ^= fence
            continue
        if text and (ITEM.match(line) or text[-1].endswith(("  ", "\\"))):
            yield True, text
            text = []
        text.append(line)
    if text:
        yield True, text


def wrapped(text):
    item = ITEM.match(text[0])
    first = item[0] if item else re.match(r" *(> *)?", text[0])[0]
    rest = " " * len(first) if item else first
    body = " ".join(line.strip().removeprefix(">").strip() for line in text)
    body = body[len(item[0].strip()) :].strip() if item else body
    hard = text[-1].endswith("  ")
    out = textwrap.wrap(
        body,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    # A line must not begin with what Markdown reads as a heading, a list item or a quote.
    if any(re.match(r"\s*([-*+#>] |\d+\. )", line[len(rest) :]) for line in out[1:]):
        return text
    return [*out[:-1], out[-1] + "  "] if hard else out


def main():
    check = sys.argv[1:2] == ["--check"]
    bad = 0
    for file in sys.argv[1 + check :]:
        with open(file, encoding="utf-8") as f:
            before = f.read()
        after = []
        for is_text, lines in blocks(before.split("\n")):
            long = is_text and max(map(len, lines)) > WIDTH
            new = wrapped(lines) if long else lines
            if long and check and new != lines:
                bad += 1
                print(f"{file}: over {WIDTH} columns: {max(lines, key=len).strip()[:60]}...")
            after += new
        text = "\n".join(after)
        if not check and text != before:
            with open(file, "w", encoding="utf-8") as f:
                f.write(text)
    return 1 if bad else 0


sys.exit(main())
