// Implementation of core/pipeline/yaml_document.h.
#include "core/pipeline/yaml_document.h"

#include <yaml-cpp/eventhandler.h>

#include <map>
#include <set>
#include <sstream>
#include <vector>

#include <kdex/error.h>

#include "core/base/text.h"

namespace kdex {

std::string place(const std::string& file, const YAML::Mark& mark) {
  if (mark.is_null()) return file;
  return file + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
}

namespace {

constexpr std::size_t kMostNodes = 200'000, kMostLevels = 50;

/// Watches the events of a file before a tree is made of it: aliases that lead into themselves, too
/// much nesting, too many nodes, keys that are defined twice.
class Guard : public YAML::EventHandler {
 public:
  explicit Guard(std::string file) : file_(std::move(file)) {}
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& m, YAML::anchor_t) override { scalar(m, ""); }
  void OnAlias(const YAML::Mark& m, YAML::anchor_t a) override {
    for (const auto& o : open_)
      if (o.anchor == a)
        throw Error("the alias refers to a node that contains it (a cycle)", place(file_, m));
    weight(m, sizes_[a]);
    scalar(m, "");
  }
  void OnScalar(const YAML::Mark& m, const std::string&, YAML::anchor_t a,
                const std::string& value) override {
    if (a != 0) sizes_[a] = 1;
    scalar(m, value);
  }
  void OnSequenceStart(const YAML::Mark& m, const std::string&, YAML::anchor_t a,
                       YAML::EmitterStyle::value) override {
    start(m, a, false);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& m, const std::string&, YAML::anchor_t a,
                  YAML::EmitterStyle::value) override {
    start(m, a, true);
  }
  void OnMapEnd() override { end(); }

 private:
  struct Open {
    YAML::anchor_t anchor;
    bool map, at_key;
    std::size_t before;
    std::set<std::string> keys;
  };
  void weight(const YAML::Mark& m, std::size_t n) {
    nodes_ += n;
    if (nodes_ > kMostNodes)
      throw Error("the file has more than 200000 nodes with its aliases written out",
                  place(file_, m));
  }
  void scalar(const YAML::Mark& m, const std::string& value) {
    weight(m, 1);
    if (open_.empty() || !open_.back().map) return;
    auto& o = open_.back();
    if (o.at_key && !value.empty() && !o.keys.insert(value).second)
      throw Error("the key '" + printable(value, 200) + "' is defined twice", place(file_, m));
    o.at_key = !o.at_key;
  }
  void start(const YAML::Mark& m, YAML::anchor_t a, bool map) {
    weight(m, 1);
    if (open_.size() > kMostLevels) throw Error("is nested deeper than 50 levels", place(file_, m));
    open_.push_back({a, map, true, nodes_, {}});
  }
  void end() {
    Open o = std::move(open_.back());
    open_.pop_back();
    if (o.anchor != 0) sizes_[o.anchor] = nodes_ - o.before + 1;
    if (!open_.empty() && open_.back().map) open_.back().at_key = !open_.back().at_key;
  }
  std::string file_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, std::size_t> sizes_;
  std::size_t nodes_ = 0;
};

}  // namespace

YAML::Node load_yaml(const std::string& text, const std::string& file) {
  // UTF-16 and UTF-32 begin with a mark that the YAML reader knows.
  const bool wide = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") ||
                    text.starts_with(std::string_view("\0\0\xFE\xFF", 4));
  if (!wide && (!is_utf8(text) || text.find('\0') != std::string::npos))
    throw Error("is not text in UTF-8", file, "give a pipeline in YAML");
  try {
    std::istringstream in(text);
    YAML::Parser parser(in);
    Guard guard(file);
    if (!parser.HandleNextDocument(guard))
      throw Error("is empty", file, "give at least sources and checkpoints");
    if (parser)
      throw Error("holds more than one document", file,
                  "keep one, and drop what follows '---' or '...'");
    return YAML::Load(text);
  } catch (const YAML::Exception& e) {
    throw Error("is not YAML: " + e.msg, place(file, e.mark));
  }
}

}  // namespace kdex
