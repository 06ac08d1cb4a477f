// The parser and the backtracking machine of regex.h.
#include "core/python/text/regex.h"

#include <algorithm>
#include <memory>

namespace kdex::py::regex {
namespace {

constexpr std::uint32_t kForever = ~0u;
constexpr std::size_t kLongest = 200000;  // instructions of one pattern

struct Node;
using Ptr = std::unique_ptr<Node>;
struct Node {
  enum Kind {
    empty,
    chr,
    any,
    set,
    cat,
    alt,
    repeat,
    group,
    assertion,
    backref,
    look,
    condition
  } kind = empty;
  int flags = 0;
  std::uint32_t a = 0, b = 0;  // char, set, group number, least and most
  bool lazy = false, possessive = false, negative = false, behind = false, atomic = false;
  Code code = Code::match;
  std::vector<Ptr> kids;
};

bool digit(std::uint32_t c) { return c >= '0' && c <= '9'; }
bool is_digit(std::uint32_t c, int f) {
  return digit(c) || (!(f & ascii) && ((c >= 0x660 && c <= 0x669) || (c >= 0x6F0 && c <= 0x6F9) ||
                                       (c >= 0x966 && c <= 0x96F) || (c >= 0xFF10 && c <= 0xFF19)));
}
bool is_space(std::uint32_t c, int f) {
  if (c == ' ' || (c >= 9 && c <= 13)) return true;
  if (f & ascii) return false;
  return (c >= 0x1C && c <= 0x1F) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}
bool is_word(std::uint32_t c, int f) {
  if (c < 128) return digit(c) || c == '_' || ((c | 32) >= 'a' && (c | 32) <= 'z');
  if (f & ascii) return false;
  if (c < 0xC0)
    return c == 0xAA || c == 0xB5 || c == 0xBA || c == 0xB2 || c == 0xB3 || c == 0xB9 ||
           (c >= 0xBC && c <= 0xBE);
  if (c == 0xD7 || c == 0xF7 || (c >= 0x300 && c <= 0x36F)) return false;
  if ((c >= 0x2000 && c <= 0x206F) || (c >= 0x20A0 && c <= 0x20CF) ||
      (c >= 0x2190 && c <= 0x245F) || (c >= 0x2500 && c <= 0x2BFF) ||
      (c >= 0x3000 && c <= 0x3004) || (c >= 0x3008 && c <= 0x3020) || c == 0x30FB)
    return false;
  if ((c >= 0xE000 && c <= 0xF8FF) || (c >= 0xFE10 && c <= 0xFE6F) ||
      (c >= 0xFF01 && c <= 0xFF0F) || (c >= 0xFF1A && c <= 0xFF20) ||
      (c >= 0xFFE0 && c <= 0xFFFF) || (c >= 0x1F000 && c <= 0x1FAFF))
    return false;
  return true;
}
std::uint32_t lower(std::uint32_t c, int f) {
  if (c >= 'A' && c <= 'Z') return c + 32;
  if (f & ascii) return c;
  if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9) ||
      (c >= 0x410 && c <= 0x42F))
    return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  if (c >= 0x100 && c <= 0x137) return c | 1;
  return c;
}
std::uint32_t upper(std::uint32_t c, int f) {
  if (c >= 'a' && c <= 'z') return c - 32;
  if (f & ascii) return c;
  if ((c >= 0xE0 && c <= 0xFE && c != 0xF7) || (c >= 0x3B1 && c <= 0x3C9) ||
      (c >= 0x430 && c <= 0x44F))
    return c - 32;
  if (c >= 0x450 && c <= 0x45F) return c - 80;
  if (c >= 0x100 && c <= 0x137) return c & ~1u;
  return c;
}

bool in_class(char k, std::uint32_t c, int f) {
  switch (k) {
    case 'd':
      return is_digit(c, f);
    case 'D':
      return !is_digit(c, f);
    case 's':
      return is_space(c, f);
    case 'S':
      return !is_space(c, f);
    case 'w':
      return is_word(c, f);
    default:
      return !is_word(c, f);
  }
}

bool in_set(const Set& s, std::uint32_t c, int f) {
  auto has = [&](std::uint32_t x) {
    for (const Range& r : s.ranges)
      if (x >= r.lo && x <= r.hi) return true;
    return false;
  };
  bool found = has(c) || ((f & ignorecase) && (has(lower(c, f)) || has(upper(c, f))));
  for (char k : s.classes) found = found || in_class(k, c, f);
  return found != s.negated;
}

std::string utf8(std::uint32_t c) {
  std::string s;
  if (c < 0x80) return std::string(1, static_cast<char>(c));
  if (c < 0x800) {
    s += static_cast<char>(0xC0 | c >> 6);
  } else {
    if (c < 0x10000) {
      s += static_cast<char>(0xE0 | c >> 12);
    } else {
      s += static_cast<char>(0xF0 | c >> 18);
      s += static_cast<char>(0x80 | (c >> 12 & 63));
    }
    s += static_cast<char>(0x80 | (c >> 6 & 63));
  }
  s += static_cast<char>(0x80 | (c & 63));
  return s;
}

class Parser {
 public:
  Parser(const Text& t, Program& p, bool bytes) : t_(t), p_(p), bytes_(bytes) {}

  Ptr parse() {
    Ptr n = alternatives(p_.flags, 0);
    if (i_ < t_.size()) fail("unbalanced parenthesis", i_);
    for (const auto& [group, where] : conditions_)
      if (group > p_.groups) fail("invalid group reference " + std::to_string(group), where);
    return n;
  }

 private:
  [[noreturn]] void fail(std::string m, std::size_t at) const {
    throw Error{std::move(m), static_cast<int>(at)};
  }
  bool more() const { return i_ < t_.size(); }
  bool at(char c) const { return more() && t_[i_] == static_cast<unsigned char>(c); }
  bool eat(char c) {
    if (!at(c)) return false;
    ++i_;
    return true;
  }
  static Ptr node(Node::Kind k, int flags) {
    Ptr n = std::make_unique<Node>();
    n->kind = k;
    n->flags = flags;
    return n;
  }
  static Ptr assertion(Code c, int flags) {
    Ptr n = node(Node::assertion, flags);
    n->code = c;
    return n;
  }

  Ptr alternatives(int flags, int depth) {
    if (depth > 100) fail("pattern is nested too deeply", i_);
    Ptr first = sequence(flags, depth);
    if (!at('|')) return first;
    Ptr n = node(Node::alt, flags);
    n->kids.push_back(std::move(first));
    while (eat('|')) n->kids.push_back(sequence(flags, depth));
    return n;
  }

  Ptr sequence(int flags, int depth) {
    Ptr n = node(Node::cat, flags);
    while (more() && !at('|') && !at(')')) {
      const std::size_t start = i_;
      Ptr x = piece(flags, depth);
      if (x) x = repeats(std::move(x), flags, start);
      if (x) n->kids.push_back(std::move(x));
    }
    return n;
  }

  void skip_verbose(int flags) {
    while ((flags & verbose) && more()) {
      if (t_[i_] == '#')
        while (more() && t_[i_] != '\n') ++i_;
      else if (t_[i_] == ' ' || (t_[i_] >= 9 && t_[i_] <= 13))
        ++i_;
      else
        return;
    }
  }

  bool number(std::uint32_t& out) {
    if (!more() || !digit(t_[i_])) return false;
    std::uint64_t n = 0;
    while (more() && digit(t_[i_]))
      n = std::min<std::uint64_t>(n * 10 + (t_[i_++] - '0'), 1u << 30);
    out = static_cast<std::uint32_t>(n);
    return true;
  }

  Ptr repeats(Ptr x, int flags, std::size_t start) {
    bool repeated = false;
    for (;;) {
      skip_verbose(flags);
      const std::size_t here = i_;
      std::uint32_t lo = 0, hi = kForever;
      if (eat('*')) {
      } else if (eat('+')) {
        lo = 1;
      } else if (eat('?')) {
        hi = 1;
      } else if (at('{')) {
        ++i_;
        const bool has_lo = number(lo);
        bool ok = has_lo;
        if (eat(',')) {
          ok = true;
          if (!has_lo) lo = 0;
          number(hi);
        } else {
          hi = lo;
        }
        if (!ok || !eat('}')) {
          i_ = here;
          return x;
        }
        if (hi < lo) fail("min repeat greater than max repeat", here + 1);
      } else {
        return x;
      }
      if (repeated) fail("multiple repeat", here);
      if (x->kind == Node::assertion || x->kind == Node::empty) fail("nothing to repeat", here);
      (void)start;
      repeated = true;
      Ptr r = node(Node::repeat, flags);
      r->a = lo;
      r->b = hi;
      if (eat('?'))
        r->lazy = true;
      else if (eat('+'))
        r->possessive = true;
      r->kids.push_back(std::move(x));
      x = std::move(r);
    }
  }

  Ptr literal(std::uint32_t c, int flags) {
    Ptr n = node(Node::chr, flags);
    n->a = c;
    return n;
  }

  Ptr add_set(Set s, int flags) {
    Ptr n = node(Node::set, flags);
    n->a = static_cast<std::uint32_t>(p_.sets.size());
    p_.sets.push_back(std::move(s));
    return n;
  }

  Ptr piece(int flags, int depth) {
    skip_verbose(flags);
    if (!more() || at('|') || at(')')) return nullptr;
    const std::size_t start = i_;
    const std::uint32_t c = t_[i_++];
    switch (c) {
      case '.':
        return node(Node::any, flags);
      case '^':
        return assertion(flags & multiline ? Code::bol : Code::text_start, flags);
      case '$':
        return assertion(Code::eol, flags);
      case '[':
        return set(flags, start);
      case '(':
        return group(flags, depth, start);
      case '*':
      case '+':
      case '?':
        fail("nothing to repeat", start);
      case '{': {
        std::uint32_t k = 0;
        bool ok = number(k);
        if (eat(',')) {
          ok = true;
          number(k);
        }
        if (ok && eat('}')) fail("nothing to repeat", start);
        i_ = start + 1;
        return literal(c, flags);
      }
      case '\\':
        return escape(flags, start);
      default:
        return literal(c, flags);
    }
  }

  std::uint32_t hex(std::size_t start, int digits) {
    std::uint32_t v = 0;
    std::string shown = "\\" + utf8(t_[start + 1]);
    for (int k = 0; k < digits; ++k) {
      const std::uint32_t c = more() ? t_[i_] : 0;
      const int d = digit(c)                             ? static_cast<int>(c - '0')
                    : (c | 32) >= 'a' && (c | 32) <= 'f' ? static_cast<int>((c | 32) - 'a' + 10)
                                                         : -1;
      if (d < 0) fail("incomplete escape " + shown, start);
      shown += utf8(c);
      v = v * 16 + static_cast<std::uint32_t>(d);
      ++i_;
    }
    return v;
  }

  /// An escape that stands for one character; false for other letters.
  bool char_escape(std::uint32_t c, std::size_t start, std::uint32_t& out) {
    switch (c) {
      case 'n':
        out = '\n';
        return true;
      case 't':
        out = '\t';
        return true;
      case 'r':
        out = '\r';
        return true;
      case 'f':
        out = '\f';
        return true;
      case 'v':
        out = '\v';
        return true;
      case 'a':
        out = 7;
        return true;
      case 'x':
        out = hex(start, 2);
        return true;
      case 'u':
        if (bytes_) return false;
        out = hex(start, 4);
        return true;
      case 'U':
        if (bytes_) return false;
        out = hex(start, 8);
        return true;
      default:
        break;
    }
    if (digit(c) || (c < 128 && ((c | 32) >= 'a' && (c | 32) <= 'z'))) return false;
    out = c;
    return true;
  }

  Ptr escape(int flags, std::size_t start) {
    if (!more()) fail("bad escape (end of pattern)", start);
    const std::uint32_t c = t_[i_++];
    switch (c) {
      case 'A':
        return assertion(Code::text_start, flags);
      case 'Z':
        return assertion(Code::text_end, flags);
      case 'b':
        return assertion(Code::word, flags);
      case 'B':
        return assertion(Code::not_word, flags);
      case 'd':
      case 'D':
      case 's':
      case 'S':
      case 'w':
      case 'W': {
        Set s;
        s.classes = std::string(1, static_cast<char>(c));
        return add_set(std::move(s), flags);
      }
      default:
        break;
    }
    if (digit(c)) {
      auto octal = [&](std::size_t k) { return k < t_.size() && t_[k] >= '0' && t_[k] <= '7'; };
      if (c == '0' || (c <= '3' && octal(i_) && octal(i_ + 1))) {
        std::uint32_t v = c - '0';
        for (int k = 0; k < 2 && octal(i_); ++k) v = v * 8 + (t_[i_++] - '0');
        return literal(v & 255, flags);
      }
      std::uint32_t n = c - '0';
      if (more() && digit(t_[i_])) n = n * 10 + (t_[i_++] - '0');
      if (n > p_.groups) fail("invalid group reference " + std::to_string(n), start + 1);
      if (std::find(open_.begin(), open_.end(), n) != open_.end())
        fail("cannot refer to an open group", start);
      Ptr r = node(Node::backref, flags);
      r->a = n;
      return r;
    }
    std::uint32_t out = 0;
    if (!char_escape(c, start, out)) fail("bad escape \\" + utf8(c), start);
    return literal(out, flags);
  }

  Ptr set(int flags, std::size_t start) {
    Set s;
    s.negated = eat('^');
    bool first = true;
    auto item = [&](std::uint32_t& c, char& cls) {
      const std::size_t here = i_;
      cls = 0;
      if (!more()) fail("unterminated character set", start);
      c = t_[i_++];
      if (c != '\\') return;
      if (!more()) fail("bad escape (end of pattern)", here);
      c = t_[i_++];
      if (c == 'd' || c == 'D' || c == 's' || c == 'S' || c == 'w' || c == 'W') {
        cls = static_cast<char>(c);
      } else if (c == 'b') {
        c = 8;
      } else if (c >= '0' && c <= '7') {
        c -= '0';
        for (int k = 0; k < 2 && more() && t_[i_] >= '0' && t_[i_] <= '7'; ++k)
          c = c * 8 + (t_[i_++] - '0');
      } else {
        const std::uint32_t letter = c;
        if (!char_escape(letter, here, c)) fail("bad escape \\" + utf8(letter), here);
      }
    };
    for (;; first = false) {
      if (!more()) fail("unterminated character set", start);
      if (!first && eat(']')) break;
      const std::size_t here = i_;
      std::uint32_t lo = 0, hi = 0;
      char k = 0, k2 = 0;
      item(lo, k);
      if (at('-') && i_ + 1 < t_.size() && t_[i_ + 1] != ']') {
        ++i_;
        item(hi, k2);
        std::string shown;
        for (std::size_t q = here; q < i_; ++q) shown += utf8(t_[q]);
        if (k || k2 || hi < lo) fail("bad character range " + shown, here);
        s.ranges.push_back({lo, hi});
      } else if (k) {
        s.classes += k;
      } else {
        s.ranges.push_back({lo, lo});
      }
    }
    return add_set(std::move(s), flags);
  }

  std::string name(char close, std::size_t at_) {
    std::string s;
    const std::size_t start = i_;
    while (more() && !at(close)) s += utf8(t_[i_++]);
    if (!more())
      fail(s.empty() ? "missing group name"
                     : std::string("missing ") + close + ", unterminated name",
           start);
    ++i_;
    if (s.empty()) fail("missing group name", start);
    (void)at_;
    for (std::size_t k = 0; k < s.size(); ++k) {
      const auto c = static_cast<unsigned char>(s[k]);
      if (!(c >= 128 || c == '_' || ((c | 32) >= 'a' && (c | 32) <= 'z') || (k && digit(c))))
        fail("bad character in group name '" + s + "'", start);
    }
    return s;
  }

  std::uint32_t named(const std::string& n, std::size_t where) const {
    for (const auto& [k, v] : p_.names)
      if (k == n) return v;
    fail("unknown group name '" + n + "'", where);
  }

  Ptr body(int flags, int depth, std::size_t start) {
    Ptr n = alternatives(flags, depth + 1);
    if (!eat(')')) fail("missing ), unterminated subpattern", start);
    return n;
  }

  Ptr capture(int flags, int depth, std::size_t start, const std::string& label) {
    Ptr n = node(Node::group, flags);
    n->a = ++p_.groups;
    if (!label.empty()) {
      for (const auto& [k, v] : p_.names)
        if (k == label)
          fail("redefinition of group name '" + label + "' as group " + std::to_string(n->a) +
                   "; was group " + std::to_string(v),
               start + 4);
      p_.names.emplace_back(label, n->a);
    }
    open_.push_back(n->a);
    n->kids.push_back(body(flags, depth, start));
    open_.pop_back();
    return n;
  }

  Ptr group(int flags, int depth, std::size_t start) {
    if (!eat('?')) return capture(flags, depth, start, "");
    if (!more()) fail("unexpected end of pattern", i_);
    const std::uint32_t c = t_[i_++];
    if (c == ':') return body(flags, depth, start);
    if (c == '#') {
      while (more() && !at(')')) ++i_;
      if (!eat(')')) fail("missing ), unterminated comment", start);
      return nullptr;
    }
    if (c == '>' || c == '=' || c == '!')
      return look(flags, depth, start, c == '!', false, c == '>');
    if (c == '<') {
      if (!more()) fail("unexpected end of pattern", i_);
      const std::uint32_t d = t_[i_++];
      if (d != '=' && d != '!') fail("unknown extension ?<" + utf8(d), start + 1);
      return look(flags, depth, start, d == '!', true, false);
    }
    if (c == 'P') {
      if (eat('<')) return capture(flags, depth, start, name('>', start));
      if (eat('=')) {
        const std::size_t where = i_;
        Ptr r = node(Node::backref, flags);
        r->a = named(name(')', start), where);
        return r;
      }
      if (!more()) fail("unexpected end of pattern", i_);
      fail("unknown extension ?P" + utf8(t_[i_]), start + 1);
    }
    if (c == '(') {
      const std::size_t where = i_;
      Ptr n = node(Node::condition, flags);
      if (!number(n->a))
        n->a = named(name(')', start), where);
      else if (!eat(')'))
        fail("missing ), unterminated name", where);
      if (!n->a) fail("bad group number", where);
      conditions_.emplace_back(n->a, where);
      Ptr b = alternatives(flags, depth + 1);
      if (!eat(')')) fail("missing ), unterminated subpattern", start);
      if (b->kind == Node::alt) {
        if (b->kids.size() > 2) fail("conditional backref with more than two branches", start);
        for (Ptr& k : b->kids) n->kids.push_back(std::move(k));
      } else {
        n->kids.push_back(std::move(b));
      }
      return n;
    }
    --i_;
    int on = 0, off = 0;
    bool minus = false;
    for (; more() && !at(')') && !at(':'); ++i_) {
      const char* letters = "iLmsuxa";
      const int bits[] = {ignorecase, locale, multiline, dotall, unicode, verbose, ascii};
      if (t_[i_] == '-' && !minus) {
        minus = true;
        continue;
      }
      int bit = 0;
      for (int k = 0; k < 7; ++k)
        if (t_[i_] == static_cast<unsigned char>(letters[k])) bit = bits[k];
      if (!bit) {
        if (on || off || minus) fail("unknown flag", i_);
        fail("unknown extension ?" + utf8(t_[i_]), start + 1);
      }
      (minus ? off : on) |= bit;
    }
    if (!more()) fail("missing -, : or )", i_);
    if (eat(')')) {
      fail("global flags not at the start of the expression", start);
    }
    ++i_;
    int inner = (flags | on) & ~off;
    if (on & ascii) inner &= ~unicode;
    return body(inner, depth, start);
  }

  Ptr look(int flags, int depth, std::size_t start, bool negative, bool behind, bool atomic) {
    Ptr n = node(Node::look, flags);
    n->negative = negative;
    n->behind = behind;
    n->atomic = atomic;
    n->kids.push_back(body(flags, depth, start));
    return n;
  }

 public:
  void skip_global(std::size_t n) { i_ = n; }
  std::size_t position() const { return i_; }

 private:
  const Text& t_;
  Program& p_;
  bool bytes_;
  std::size_t i_ = 0;
  std::vector<std::uint32_t> open_;
  std::vector<std::pair<std::uint32_t, std::size_t>> conditions_;  // group and place
};

/// Width of what a node matches where it is fixed.
bool width(const Node& n, std::uint64_t& out) {
  out = 0;
  std::uint64_t w = 0, first = 0;
  switch (n.kind) {
    case Node::empty:
    case Node::assertion:
    case Node::look:
      if (n.kind == Node::look && n.atomic) return width(*n.kids[0], out);
      return true;
    case Node::chr:
    case Node::any:
    case Node::set:
      out = 1;
      return true;
    case Node::cat:
      for (const Ptr& k : n.kids) {
        if (!width(*k, w)) return false;
        out += w;
      }
      return true;
    case Node::alt:
    case Node::condition:
      for (std::size_t i = 0; i < n.kids.size(); ++i) {
        if (!width(*n.kids[i], w)) return false;
        if (i && w != first) return false;
        first = w;
      }
      out = first;
      return n.kind == Node::alt || n.kids.size() == 2 || first == 0;
    case Node::repeat:
      if (!width(*n.kids[0], w)) return false;
      out = w * n.a;
      return n.a == n.b || w == 0;
    case Node::group:
      return width(*n.kids[0], out);
    default:
      return false;
  }
}

class Emitter {
 public:
  explicit Emitter(Program& p) : p_(p) {}
  std::uint32_t put(Code c, std::uint32_t x = 0, std::uint32_t y = 0, int flags = 0) {
    if (p_.code.size() > kLongest) throw Error{"pattern is too large", -1};
    Inst i{};
    i.code = c;
    i.x = x;
    i.y = y;
    i.flags = flags;
    p_.code.push_back(i);
    return static_cast<std::uint32_t>(p_.code.size() - 1);
  }
  std::uint32_t here() const { return static_cast<std::uint32_t>(p_.code.size()); }

  void emit(const Node& n) {
    switch (n.kind) {
      case Node::empty:
        break;
      case Node::chr:
        put(Code::chr, n.flags & ignorecase ? lower(n.a, n.flags) : n.a, 0, n.flags);
        break;
      case Node::any:
        put(Code::any, 0, 0, n.flags);
        break;
      case Node::set:
        put(Code::set, n.a, 0, n.flags);
        break;
      case Node::assertion:
        put(n.code, 0, 0, n.flags);
        break;
      case Node::backref:
        put(Code::backref, n.a, 0, n.flags);
        break;
      case Node::cat:
        for (const Ptr& k : n.kids) emit(*k);
        break;
      case Node::group:
        put(Code::save, n.a * 2);
        emit(*n.kids[0]);
        put(Code::save, n.a * 2 + 1);
        break;
      case Node::alt: {
        std::vector<std::uint32_t> ends;
        for (std::size_t i = 0; i < n.kids.size(); ++i) {
          const bool last = i + 1 == n.kids.size();
          const std::uint32_t s = last ? 0 : put(Code::split);
          if (!last) p_.code[s].x = here();
          emit(*n.kids[i]);
          if (last) break;
          ends.push_back(put(Code::jump));
          p_.code[s].y = here();
        }
        for (std::uint32_t e : ends) p_.code[e].x = here();
        break;
      }
      case Node::condition: {
        const std::uint32_t t = put(Code::test_group, n.a);
        emit(*n.kids[0]);
        const std::uint32_t j = put(Code::jump);
        p_.code[t].y = here();
        if (n.kids.size() > 1) emit(*n.kids[1]);
        p_.code[j].x = here();
        break;
      }
      case Node::look:
        block(*n.kids[0], n);
        break;
      case Node::repeat:
        if (n.possessive) {
          const std::uint32_t l = put(Code::look);
          p_.code[l].atomic = true;
          loop(n);
          put(Code::match);
          p_.code[l].y = here();
        } else {
          loop(n);
        }
        break;
    }
  }

 private:
  void block(const Node& body, const Node& n) {
    std::uint64_t w = 0;
    if (n.behind && !width(body, w)) throw Error{"look-behind requires fixed-width pattern", -1};
    const std::uint32_t l = put(Code::look, static_cast<std::uint32_t>(w));
    p_.code[l].negative = n.negative;
    p_.code[l].behind = n.behind;
    p_.code[l].atomic = n.atomic;
    emit(body);
    put(Code::match);
    p_.code[l].y = here();
  }
  void branch(std::uint32_t s, std::uint32_t into, std::uint32_t out, bool lazy) {
    p_.code[s].x = lazy ? out : into;
    p_.code[s].y = lazy ? into : out;
  }
  void loop(const Node& n) {
    const Node& k = *n.kids[0];
    for (std::uint32_t i = 0; i < n.a; ++i) emit(k);
    if (n.b == kForever) {
      std::uint64_t w = 0;
      const bool may_be_empty = !(width(k, w) && w > 0);
      const std::uint32_t s = put(Code::split);
      const std::uint32_t m = p_.marks;
      if (may_be_empty) {
        ++p_.marks;
        put(Code::mark, m);
      }
      emit(k);
      if (may_be_empty) put(Code::moved, m);
      put(Code::jump, s);
      branch(s, s + 1, here(), n.lazy);
      return;
    }
    std::vector<std::uint32_t> splits;
    for (std::uint32_t i = n.a; i < n.b; ++i) {
      splits.push_back(put(Code::split));
      emit(k);
    }
    for (std::uint32_t s : splits) branch(s, s + 1, here(), n.lazy);
  }
  Program& p_;
};

class Machine {
 public:
  Machine(const Program& p, const Text& t, std::int64_t end, Mode mode,
          const std::function<void(std::int64_t)>& step)
      : p_(p),
        t_(t),
        end_(end),
        mode_(mode),
        step_(step),
        saved_(2 * (std::size_t{p.groups} + 1) + p.marks, -1) {}

  bool at(std::int64_t start) {
    std::fill(saved_.begin(), saved_.end(), -1);
    start_ = start;
    saved_[0] = start;
    return go(0, start, saved_[1], true);
  }
  const std::vector<std::int64_t>& saved() const { return saved_; }

 private:
  struct Back {
    std::uint32_t pc;  // kForever: restore a slot
    std::uint32_t slot;
    std::int64_t pos;
  };

  bool word_at(std::int64_t i, int f) const {
    return i >= 0 && i < end_ && is_word(t_[static_cast<std::size_t>(i)], f);
  }

  void store(std::uint32_t slot, std::int64_t v) {
    stack_.push_back({kForever, slot, saved_[slot]});
    saved_[slot] = v;
    if (stack_.size() > (1u << 22)) step_(INT64_MAX / 4);
  }

  // Over 100 lines, as it has a case for each instruction; they share the position and the stack.
  bool go(std::uint32_t pc, std::int64_t pos, std::int64_t& out_end, bool outer) {
    const std::size_t base = stack_.size();
    std::int64_t out = 0;
    const std::uint32_t marks = 2 * (p_.groups + 1);
    for (;;) {
      if (++steps_ == 256) {
        step_(256);
        steps_ = 0;
      }
      const Inst& i = p_.code[pc];
      bool ok = true;
      switch (i.code) {
        case Code::chr: {
          const std::uint32_t c = pos < end_ ? t_[static_cast<std::size_t>(pos)] : kForever;
          ok = pos < end_ && (i.flags & ignorecase ? lower(c, i.flags) : c) == i.x;
          ++pos, ++pc;
          break;
        }
        case Code::any:
          ok = pos < end_ && ((i.flags & dotall) || t_[static_cast<std::size_t>(pos)] != '\n');
          ++pos, ++pc;
          break;
        case Code::set:
          ok = pos < end_ && in_set(p_.sets[i.x], t_[static_cast<std::size_t>(pos)], i.flags);
          ++pos, ++pc;
          break;
        case Code::split:
          stack_.push_back({i.y, 0, pos});
          if (stack_.size() > (1u << 22)) step_(INT64_MAX / 4);
          pc = i.x;
          break;
        case Code::jump:
          pc = i.x;
          break;
        case Code::save:
          store(i.x, pos);
          ++pc;
          break;
        case Code::mark:
          store(marks + i.x, pos);
          ++pc;
          break;
        case Code::moved:
          if (saved_[marks + i.x] ==
              pos) {  // an empty turn: leave the loop behind the jump that follows
            pc += 2;
          } else {
            ++pc;
          }
          break;
        case Code::bol:
          ok = pos == 0 || t_[static_cast<std::size_t>(pos - 1)] == '\n';
          ++pc;
          break;
        case Code::eol:
          ok = pos == end_ || (pos + 1 == end_ && t_[static_cast<std::size_t>(pos)] == '\n') ||
               ((i.flags & multiline) && t_[static_cast<std::size_t>(pos)] == '\n');
          ++pc;
          break;
        case Code::text_start:
          ok = pos == 0;
          ++pc;
          break;
        case Code::text_end:
          ok = pos == end_;
          ++pc;
          break;
        case Code::word:
        case Code::not_word:
          ok = (word_at(pos - 1, i.flags) != word_at(pos, i.flags)) == (i.code == Code::word);
          ++pc;
          break;
        case Code::backref: {
          const std::int64_t a = saved_[i.x * 2], b = saved_[i.x * 2 + 1];
          ok = a >= 0 && b >= a && pos + (b - a) <= end_;
          for (std::int64_t k = a; ok && k < b; ++k) {
            std::uint32_t c = t_[static_cast<std::size_t>(k)],
                          d = t_[static_cast<std::size_t>(pos + k - a)];
            if (i.flags & ignorecase) c = lower(c, i.flags), d = lower(d, i.flags);
            ok = c == d;
          }
          if (ok) pos += b - a;
          ++pc;
          break;
        }
        case Code::test_group:
          pc = saved_[i.x * 2 + 1] >= 0 ? pc + 1 : i.y;
          break;
        case Code::look: {
          const std::int64_t from = i.behind ? pos - i.x : pos;
          std::int64_t sub_end = 0;
          const std::size_t mark = stack_.size();
          bool found = from >= 0 && go(pc + 1, from, sub_end, false);
          if (found) {
            // Captures made inside stay and are undone when this point is backtracked over.
            std::vector<Back> undo;
            for (std::size_t k = mark; k < stack_.size(); ++k)
              if (stack_[k].pc == kForever) undo.push_back(stack_[k]);
            stack_.resize(mark);
            if (i.negative)
              for (std::size_t k = undo.size(); k-- > 0;) saved_[undo[k].slot] = undo[k].pos;
            else
              stack_.insert(stack_.end(), undo.begin(), undo.end());
          }
          ok = found != i.negative;
          if (ok && i.atomic) pos = sub_end;
          pc = i.y;
          break;
        }
        case Code::match:
          if (outer && ((mode_ == Mode::fullmatch && pos != end_) ||
                        (mode_ == Mode::nonempty && pos == start_))) {
            ok = false;
            break;
          }
          out = pos;
          if (outer) stack_.resize(base);
          out_end = out;
          return true;
      }
      if (ok) continue;
      for (;;) {  // back to the last choice
        if (stack_.size() == base) return false;
        const Back b = stack_.back();
        stack_.pop_back();
        if (b.pc == kForever) {
          saved_[b.slot] = b.pos;
          continue;
        }
        pc = b.pc;
        pos = b.pos;
        break;
      }
    }
  }

  const Program& p_;
  const Text& t_;
  std::int64_t end_;
  Mode mode_;
  const std::function<void(std::int64_t)>& step_;
  std::vector<std::int64_t> saved_;
  std::vector<Back> stack_;
  std::int64_t start_ = 0;
  int steps_ = 0;
};

}  // namespace

std::shared_ptr<const Program> compile(const Text& pattern, int flags, bool bytes) {
  int global = flags & 0x1FE;
  std::size_t skip = 0;
  for (;;) {
    auto p = std::make_shared<Program>();
    if (!bytes && !(global & ascii)) global |= unicode;
    if (global & ascii) global &= ~unicode;
    p->flags = bytes ? global | ascii : global;
    // Inline global flags stand first: they are taken off and the rest is read again with them.
    if (skip == 0 && pattern.size() > 3 && pattern[0] == '(' && pattern[1] == '?') {
      std::size_t i = 2;
      int on = 0;
      for (; i < pattern.size(); ++i) {
        const char* letters = "iLmsuxa";
        const int bits[] = {ignorecase, locale, multiline, dotall, unicode, verbose, ascii};
        int bit = 0;
        for (int k = 0; k < 7; ++k)
          if (pattern[i] == static_cast<unsigned char>(letters[k])) bit = bits[k];
        if (!bit) break;
        on |= bit;
      }
      if (i > 2 && i < pattern.size() && pattern[i] == ')') {
        global |= on;
        skip = i + 1;
        continue;
      }
    }
    Parser parser(pattern, *p, bytes);
    parser.skip_global(skip);
    Ptr tree = parser.parse();
    Emitter e(*p);
    e.emit(*tree);
    e.put(Code::match);
    p->flags = global;
    return p;
  }
}

bool run(const Program& p, const Text& text, std::int64_t pos, std::int64_t end, Mode mode,
         std::vector<std::int64_t>& spans, const std::function<void(std::int64_t)>& step) {
  Machine m(p, text, end, mode, step);
  const std::int64_t last = mode == Mode::search ? end : pos;
  for (std::int64_t at = pos; at <= last; ++at) {
    step(1);
    if (!m.at(at)) continue;
    spans.assign(m.saved().begin(),
                 m.saved().begin() + 2 * (static_cast<std::ptrdiff_t>(p.groups) + 1));
    for (std::size_t g = 0; g + 1 < spans.size(); g += 2)
      if (spans[g + 1] < 0) spans[g] = -1;
    return true;
  }
  return false;
}

}  // namespace kdex::py::regex
