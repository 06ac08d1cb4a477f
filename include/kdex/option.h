// One option, declared once: the pipeline file, the command line, `--help` and docs/pipeline.md are
// made from the same declaration. Used by kdex's own stages and by families. Knows no parser.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kdex/error.h>

namespace kdex {

/// A setting of a stage or a family.
struct Option {
  enum class Type {
    boolean,   ///< true or false; as a flag without a value: true
    integer,   ///< a whole number from `least` to `most`
    integers,  ///< a list of them
    number,    ///< a real number from `least` to `most`
    text,      ///< any text
    texts,     ///< a list of texts; with `choices`: of those
    choice,    ///< one of `choices`
    path,      ///< a file or folder; in a pipeline file relative to that file
    paths,     ///< a list of them
  };
  std::string key;                        ///< in a pipeline file: "page_sizes"
  std::string flag;                       ///< on the command line, without dashes: "page-size"
  std::vector<std::string> aliases = {};  ///< further flags (FlashInfer-Bench's names)
  Type type = Type::text;
  std::string default_value = {};  ///< as it is written; lists with commas; empty: none
  std::string help = {};           ///< one line
  std::vector<std::string> choices = {};
  long least = 1, most = 1L << 31;  ///< bounds of integers and numbers
};

/// Values of declared options by key, as they are written: what was given, else the default. They
/// have been held against their declarations, so reading one cannot fail; a key that is not
/// declared throws kdex::Error.
class OptionValues {
 public:
  OptionValues() = default;
  /// The defaults of `options`.
  explicit OptionValues(const std::vector<Option>& options) {
    for (const auto& o : options) set(o.key, o.default_value);
  }
  void set(std::string key, std::string value) { values_[std::move(key)] = std::move(value); }
  const std::map<std::string, std::string>& all() const { return values_; }

  const std::string& text(std::string_view key) const {
    const auto it = values_.find(std::string(key));
    if (it == values_.end())
      throw Error("the option '" + std::string(key) + "' is not declared", "options",
                  "declare it where the family or stage lists its options");
    return it->second;
  }
  bool boolean(std::string_view key) const {
    const std::string& v = text(key);
    return v == "true" || v == "yes" || v == "on" || v == "1";
  }
  /// 0 where the option has neither a value nor a default.
  std::int64_t integer(std::string_view key) const { return whole(text(key)); }
  /// 0 where the option has neither a value nor a default.
  double number(std::string_view key) const { return std::strtod(text(key).c_str(), nullptr); }
  /// The parts between commas; empty where nothing is given.
  std::vector<std::string> texts(std::string_view key) const {
    std::vector<std::string> out;
    const std::string& v = text(key);
    for (std::size_t start = 0; start < v.size();) {
      const std::size_t end = std::min(v.find(',', start), v.size());
      if (end > start) out.push_back(v.substr(start, end - start));
      start = end + 1;
    }
    return out;
  }
  std::vector<std::int64_t> integers(std::string_view key) const {
    std::vector<std::int64_t> out;
    for (const auto& part : texts(key)) out.push_back(whole(part));
    return out;
  }

 private:
  static std::int64_t whole(const std::string& text) {
    std::int64_t n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
  }
  std::map<std::string, std::string> values_;
};

}  // namespace kdex
