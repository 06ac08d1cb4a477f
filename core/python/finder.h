// How modules are found and parsed: what an isolate asks of its owner.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/source/ast.h"

namespace kdex::py {

using source::Ast;

/// How modules are found; set by the owner of the interpreter. Returns false where there is no such
/// module.
struct FoundModule {
  std::shared_ptr<const Ast> ast;  // null until load()
  std::string path, shown;
  bool package = false;
  bool own = false;  // a file of kdex: the overlay, an engine's driver or replacement
};
struct Finder {
  virtual ~Finder() = default;
  virtual bool find(const std::string& dotted, FoundModule& out) = 0;
  /// Parses (or takes from the cache); on a syntax error returns null and fills `error`.
  virtual std::shared_ptr<const Ast> load(const FoundModule& m, source::SyntaxError& error) = 0;
  /// True for a package that is declared installed and not modelled: its contents are unknown.
  virtual bool external(const std::string& top_level) = 0;
  virtual std::string version(const std::string&) {
    return "";
  }  // of what counts as installed; empty: not known
  /// An expression's tree by its text, parsed once for all isolates. On a syntax error returns null
  /// and fills `error`.
  virtual std::shared_ptr<const Ast> expression(std::string_view text,
                                                source::SyntaxError& error) = 0;
  /// The text of a file that was loaded; empty where it cannot be read any more.
  virtual std::string text(const std::string& shown) = 0;
  /// One of its lines without the blanks around it.
  std::string read_line(const std::string& shown, int line);
  /// Whether a module's text holds one of `texts`; cheaper than parsing it.
  virtual bool mentions(const std::string&, const std::vector<std::string>&) { return true; }
  virtual std::vector<std::string> submodules(const std::string& dotted) = 0;
};

}  // namespace kdex::py
