// The parser of json.h.
#include "core/python/text/json.h"

#include <cmath>
#include <cstdlib>
#include <string>

namespace kdex::py {
namespace {

class Reader {
 public:
  Reader(Interp& in, std::string_view text, std::string_view file, Origin::Kind kind)
      : in_(in), s_(text), file_(file), kind_(kind), keys_(in.arena), values_(in.arena) {}
  V document() {
    space();
    V v = value(0);
    space();
    if (i_ != s_.size()) fail("Extra data", i_);
    return v;
  }

 private:
  [[noreturn]] void fail(const char* what, std::size_t at) {
    std::size_t line = 1, begin = 0;
    for (std::size_t k = 0; k < at && k < s_.size(); ++k)
      if (s_[k] == '\n') ++line, begin = k + 1;
    in_.raise(in_.t.ValueError, std::string(what) + ": line " + std::to_string(line) + " column " +
                                    std::to_string(utf8_length(s_.substr(begin, at - begin)) + 1) +
                                    " (char " + std::to_string(utf8_length(s_.substr(0, at))) +
                                    ")");
  }
  void space() {
    while (i_ < s_.size() && (s_[i_] == ' ' || s_[i_] == '\n' || s_[i_] == '\t' || s_[i_] == '\r'))
      ++i_;
  }
  bool eat(std::string_view word) {
    if (s_.substr(i_, word.size()) != word) return false;
    i_ += word.size();
    return true;
  }
  V leaf(V v) { return file_.empty() ? v : named_origin(in_, kind_, path_, v, file_); }

  /// Notes how many entries the field that was read has.
  void hold(std::uint32_t entries) {
    if (file_.empty() || path_.empty()) return;
    note_length(in_, file_, path_, entries);
  }

  V value(int depth) {
    in_.tick();
    if (depth > 400)
      in_.raise(in_.t.RecursionError,
                "maximum recursion depth exceeded while decoding a JSON document");
    if (i_ >= s_.size()) fail("Expecting value", i_);
    switch (s_[i_]) {
      case '"':
        ++i_;
        return leaf(text());
      case '{':
        ++i_;
        return object(depth);
      case '[':
        ++i_;
        return array(depth);
      default:
        break;
    }
    if (eat("null")) return leaf(V::none());
    if (eat("true")) return leaf(V::boolean(true));
    if (eat("false")) return leaf(V::boolean(false));
    if (eat("NaN")) return leaf(V::real(std::nan("")));
    if (eat("Infinity")) return leaf(V::real(HUGE_VAL));
    if (eat("-Infinity")) return leaf(V::real(-HUGE_VAL));
    return number();
  }

  V number() {
    auto digit = [&](std::size_t k) { return k < s_.size() && s_[k] >= '0' && s_[k] <= '9'; };
    const std::size_t start = i_;
    std::size_t j = i_;
    if (s_[j] == '-') ++j;
    if (!digit(j)) fail("Expecting value", start);
    if (s_[j] == '0')
      ++j;
    else
      while (digit(j)) ++j;
    bool real = false;
    if (j < s_.size() && s_[j] == '.' && digit(j + 1)) {
      real = true;
      for (++j; digit(j);) ++j;
    }
    if (j < s_.size() && (s_[j] == 'e' || s_[j] == 'E')) {
      std::size_t k = j + 1;
      if (k < s_.size() && (s_[k] == '+' || s_[k] == '-')) ++k;
      if (digit(k)) {
        real = true;
        while (digit(k)) ++k;
        j = k;
      }
    }
    i_ = j;
    const std::string text(s_.substr(start, j - start));
    if (real) return leaf(V::real(std::strtod(text.c_str(), nullptr)));
    const bool negative = text[0] == '-';
    V v = int_from_literal(in_, negative ? text.substr(1) : text);
    V out = v;
    if (negative) num_unary(in_, '-', v, out);
    return leaf(out);
  }

  unsigned hex4(std::size_t at) {
    unsigned v = 0;
    for (std::size_t k = at; k < at + 4; ++k) {
      const char c = k < s_.size() ? s_[k] : '?';
      const int d = c >= '0' && c <= '9'                 ? c - '0'
                    : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                         : -1;
      if (d < 0) fail("Invalid \\uXXXX escape", at);
      v = v * 16 + static_cast<unsigned>(d);
    }
    return v;
  }

  /// A string. Short ones with the same text are one object: configurations repeat them.
  V text() {
    constexpr std::size_t kShort = 64;
    const std::string s = string();
    return s.size() <= kShort ? V(in_.intern(s)) : in_.str(s);
  }

  std::string string() {
    const std::size_t begin = i_ - 1;
    std::string out;
    for (;;) {
      if (i_ >= s_.size()) fail("Unterminated string starting at", begin);
      const char c = s_[i_];
      if (c == '"') {
        ++i_;
        return out;
      }
      if (static_cast<unsigned char>(c) < 0x20) fail("Invalid control character at", i_);
      if (c != '\\') {
        out += c;
        ++i_;
        continue;
      }
      if (i_ + 1 >= s_.size()) fail("Unterminated string starting at", begin);
      const char e = s_[i_ + 1];
      i_ += 2;
      switch (e) {
        case '"':
        case '\\':
        case '/':
          out += e;
          continue;
        case 'b':
          out += '\b';
          continue;
        case 'f':
          out += '\f';
          continue;
        case 'n':
          out += '\n';
          continue;
        case 'r':
          out += '\r';
          continue;
        case 't':
          out += '\t';
          continue;
        case 'u':
          break;
        default:
          fail("Invalid \\escape", i_ - 2);
      }
      unsigned u = hex4(i_);
      i_ += 4;
      if (u >= 0xD800 && u < 0xDC00 && s_.substr(i_, 2) == "\\u") {
        const unsigned v = hex4(i_ + 2);
        if (v >= 0xDC00 && v < 0xE000) {
          u = 0x10000 + ((u - 0xD800) << 10 | (v - 0xDC00));
          i_ += 6;
        }
      }
      if (u < 0x80) {
        out += static_cast<char>(u);
      } else {
        if (u < 0x800) {
          out += static_cast<char>(0xC0 | u >> 6);
        } else {
          if (u < 0x10000) {
            out += static_cast<char>(0xE0 | u >> 12);
          } else {
            out += static_cast<char>(0xF0 | u >> 18);
            out += static_cast<char>(0x80 | (u >> 12 & 63));
          }
          out += static_cast<char>(0x80 | (u >> 6 & 63));
        }
        out += static_cast<char>(0x80 | (u & 63));
      }
    }
  }

  V object(int depth) {
    const std::size_t base = path_.size(), first_key = keys_.size(), first = values_.size();
    auto made = [&] {  // with room for what it holds and no more
      Dict* d = in_.dict();
      in_.presize(d, static_cast<std::int64_t>(keys_.size() - first_key));
      for (std::size_t k = first_key; k < keys_.size(); ++k)
        in_.put(d, keys_[k], values_[first + k - first_key]);
      keys_.resize(first_key);
      values_.resize(first);
      hold(d->live);
      return V(d);
    };
    space();
    if (eat("}")) return made();
    for (;;) {
      if (i_ >= s_.size() || s_[i_] != '"')
        fail("Expecting property name enclosed in double quotes", i_);
      ++i_;
      const std::string key = string();
      space();
      if (!eat(":")) fail("Expecting ':' delimiter", i_);
      space();
      if (!file_.empty()) path_ += (base ? "." : "") + key;
      const V v = value(depth + 1);
      path_.resize(base);
      keys_.push_back(in_.intern(key));
      values_.push_back(v);
      space();
      if (eat("}")) return made();
      if (!eat(",")) fail("Expecting ',' delimiter", i_);
      space();
    }
  }

  V array(int depth) {
    const std::size_t base = path_.size(), first = values_.size();
    auto made = [&] {
      const V l =
          in_.list(values_.data() + first, static_cast<std::uint32_t>(values_.size() - first));
      values_.resize(first);
      hold(l.as<List>()->n);
      return l;
    };
    space();
    if (eat("]")) return made();
    for (;;) {
      if (!file_.empty()) path_ += (base ? "." : "") + std::to_string(values_.size() - first);
      const V v = value(depth + 1);
      path_.resize(base);
      values_.push_back(v);
      space();
      if (eat("]")) return made();
      if (!eat(",")) fail("Expecting ',' delimiter", i_);
      space();
    }
  }

  Interp& in_;
  std::string_view s_, file_;
  Origin::Kind kind_;
  std::string path_;
  std::size_t i_ = 0;
  Held<Str*> keys_;  // of the objects that are being read, the outermost first
  Held<V> values_;   // of these and of the arrays
};

}  // namespace

V json_loads(Interp& in, std::string_view text, std::string_view file, Origin::Kind kind) {
  return Reader(in, text, file, kind).document();
}

}  // namespace kdex::py
