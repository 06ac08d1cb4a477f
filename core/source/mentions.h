// Which attributes and names the functions of a file mention, and how. Syntax alone: who an object
// is and what a function does is not known here.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace kdex::source {

/// One `OBJECT.ATTRIBUTE`, or getattr(OBJECT, "ATTRIBUTE").
struct Mention {
  enum class Use {
    value,    // handed on: an argument, an operand, something that is returned
    called,   // OBJECT.ATTRIBUTE(...)
    through,  // OBJECT.ATTRIBUTE.next, or getattr(OBJECT.ATTRIBUTE, "next")
    stored,
    deleted,
    tested,  // compared, or asked about by hasattr or isinstance
    listed,  // an element of a list or a tuple
  };
  std::string object;  // its text where it is a name, or names with dots
  std::string attribute;
  Use use = Use::value;
  std::string next;
  std::string argument_of;  // the call whose argument it stands in: the text of what is called
  std::string out_dtype;  // and of its out_dtype=, or what the argument is converted to by .to(...)
  /// The branches of `if self.NAME:` and `if not self.NAME:` that it lies in: the name, and the
  /// truth with which it is reached.
  std::vector<std::pair<std::string, bool>> if_self;
  /// Of a call: keyword arguments with the texts of their values; "**" for a dict's.
  std::vector<std::pair<std::string, std::string>> keywords;
  int line = 0;  // 1-based
};

/// A function or method with all that lies within it; also what stands in no function ("").
struct FunctionText {
  std::string name;
  std::string class_name;               // "" outside of classes
  std::vector<std::string> decorators;  // the text of each
  std::vector<Mention> mentions;
  std::unordered_set<std::string> names;  // identifiers and attributes
  std::vector<std::string> imports;       // modules of `from MODULE import ...`
};

/// The functions of a module in their order. A text that does not parse has none.
std::vector<FunctionText> functions_of(std::string_view text);

}  // namespace kdex::source
