// mentions.h: one walk over tree-sitter's tree.
#include "core/source/mentions.h"

#include <algorithm>

#include "core/source/cst.h"

namespace kdex::source {
namespace {

/// The call that something is an argument of.
struct Argument {
  std::string function, out_dtype;
  std::string converted;  // by .to(DTYPE) on the way
};

class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text), cst_(source::walk(text)) {}

  std::vector<FunctionText> run() {
    if (cst_.error || cst_.nodes.size() < 2) return {};
    out_.emplace_back();
    each_child(1, [&](std::uint32_t c) { visit(c, 1, 0, {}); });
    return std::move(out_);
  }

 private:
  const CNode& n(std::uint32_t id) const { return cst_.nodes[id]; }
  std::string_view text(std::uint32_t id) const {
    return text_.substr(n(id).start, n(id).end - n(id).start);
  }
  template <class F>
  void each_child(std::uint32_t id, const F& f) const {
    for (std::uint32_t c = n(id).first; c != 0; c = n(c).next) f(c);
  }
  std::uint32_t field(std::uint32_t id, F f) const {
    for (std::uint32_t c = n(id).first; c != 0; c = n(c).next)
      if (n(c).field == f) return c;
    return 0;
  }

  std::uint32_t next_named(std::uint32_t id) const {
    for (id = n(id).next; id != 0 && !n(id).named; id = n(id).next) continue;
    return id;
  }
  std::string unquoted(std::uint32_t id) const {
    std::string out(text(id));
    std::erase_if(out, [](char c) { return c == '"' || c == '\''; });
    return out;
  }

  /// `in`: the function, as an index into out_, that `id` lies in; 0: none.
  void visit(std::uint32_t id, std::uint32_t parent, std::size_t in, const Argument& at) {
    switch (n(id).sym) {
      case S::class_definition: {
        const std::string before = class_;
        if (class_.empty() && in == 0) class_ = text(field(id, F::name));
        each_child(id, [&](std::uint32_t c) { visit(c, id, in, {}); });
        class_ = before;
        return;
      }
      case S::function_definition:
        function(id, parent, in);
        return;
      case S::import_from_statement:
        if (const std::uint32_t module = field(id, F::module_name))
          out_[in].imports.emplace_back(text(module));
        return;
      case S::identifier:
        out_[in].names.emplace(text(id));
        return;
      case S::attribute:
        attribute(id, parent, in, at);
        return;
      case S::call:
        call(id, in, at);
        return;
      case S::if_statement:
        branches(id, in, at);
        return;
      default:
        each_child(id, [&](std::uint32_t c) { visit(c, id, in, at); });
    }
  }

  void function(std::uint32_t id, std::uint32_t parent, std::size_t in) {
    if (in == 0) {
      FunctionText f;
      f.name = text(field(id, F::name));
      f.class_name = class_;
      if (n(parent).sym == S::decorated_definition)
        each_child(parent, [&](std::uint32_t c) {
          if (n(c).sym == S::decorator) f.decorators.emplace_back(text(c));
        });
      out_.push_back(std::move(f));
      in = out_.size() - 1;
    }
    each_child(id, [&](std::uint32_t c) {
      if (n(c).field != F::name) visit(c, id, in, {});
    });
  }

  /// The name in `self.NAME` or `not self.NAME`, and the truth that the first branch asks of it.
  std::pair<std::string, bool> asked_of_self(std::uint32_t condition) const {
    const bool is_not = n(condition).sym == S::not_operator;
    const std::uint32_t of = is_not ? field(condition, F::argument) : condition;
    if (of == 0 || n(of).sym != S::attribute) return {};
    const std::uint32_t object = field(of, F::object);
    if (object == 0 || text(object) != "self") return {};
    return {std::string(text(field(of, F::attribute))), !is_not};
  }

  void branches(std::uint32_t id, std::size_t in, const Argument& at) {
    const std::uint32_t condition = field(id, F::condition);
    const auto asked = condition == 0 ? std::pair<std::string, bool>() : asked_of_self(condition);
    each_child(id, [&](std::uint32_t c) {
      const bool guarded = !asked.first.empty() && c != condition;
      if (guarded)
        if_self_.emplace_back(asked.first, (n(c).field == F::consequence) == asked.second);
      visit(c, id, in, at);
      if (guarded) if_self_.pop_back();
    });
  }

  void attribute(std::uint32_t id, std::uint32_t parent, std::size_t in, const Argument& at) {
    const std::uint32_t object = field(id, F::object), name = field(id, F::attribute);
    if (name != 0) {
      Mention m;
      m.attribute = text(name);
      if (object != 0 && (n(object).sym == S::identifier || n(object).sym == S::attribute))
        m.object = text(object);
      m.argument_of = at.function;
      m.out_dtype = at.out_dtype.empty() ? at.converted : at.out_dtype;
      m.if_self = if_self_;
      m.line = static_cast<int>(n(name).row) + 1;
      use(id, parent, m);
      out_[in].names.insert(m.attribute);
      out_[in].mentions.push_back(std::move(m));
    }
    if (object != 0) visit(object, id, in, at);
  }

  void use(std::uint32_t id, std::uint32_t parent, Mention& m) const {
    const CNode& p = n(parent);
    using Use = Mention::Use;
    if (p.sym == S::attribute && n(id).field == F::object) {
      m.use = Use::through;
      m.next = text(field(parent, F::attribute));
    } else if (p.sym == S::call && n(id).field == F::function) {
      m.use = Use::called;
      const std::uint32_t list = field(parent, F::arguments);
      if (list == 0) return;
      each_child(list, [&](std::uint32_t c) {
        if (n(c).sym == S::keyword_argument)
          m.keywords.emplace_back(text(field(c, F::name)), text(field(c, F::value)));
        else if (n(c).sym == S::dictionary_splat)
          m.keywords.emplace_back("**", text(c).substr(2));
      });
    } else if (p.sym == S::assignment && n(id).field == F::left) {
      m.use = Use::stored;
    } else if (p.sym == S::delete_statement) {
      m.use = Use::deleted;
    } else if (p.sym == S::comparison_operator || p.sym == S::not_operator ||
               (p.sym == S::argument_list &&
                (m.argument_of == "hasattr" || m.argument_of == "isinstance"))) {
      m.use = Use::tested;
    } else if (p.sym == S::list || p.sym == S::tuple) {
      m.use = Use::listed;
    } else if (p.sym == S::argument_list && m.argument_of == "getattr") {
      const std::uint32_t name = next_named(id);
      if (name == 0 || n(name).sym != S::string) return;
      m.use = Use::through;
      m.next = unquoted(name);
    }
  }

  /// Of what stands before `.to(torch.float32)` and `.float()`: an argument in that dtype.
  Argument as_converted(std::uint32_t function, std::uint32_t list, const Argument& outer) const {
    if (n(function).sym != S::attribute || outer.function.empty() || list == 0) return outer;
    const std::string_view name = text(field(function, F::attribute));
    Argument out = outer;
    if (name == "float") out.converted = "torch.float32";
    if (name == "to")
      each_child(list, [&](std::uint32_t c) {
        const std::uint32_t given = n(c).sym == S::keyword_argument ? field(c, F::value) : c;
        if (text(given).starts_with("torch.")) out.converted = text(given);
      });
    return out;
  }

  void call(std::uint32_t id, std::size_t in, const Argument& outer) {
    const std::uint32_t function = field(id, F::function), list = field(id, F::arguments);
    if (function != 0) visit(function, id, in, as_converted(function, list, outer));
    if (list == 0) return;
    Argument inner;
    if (function != 0) inner.function = text(function);
    std::vector<std::uint32_t> given;
    each_child(list, [&](std::uint32_t c) {
      if (n(c).named) given.push_back(c);
      if (n(c).sym == S::keyword_argument && text(field(c, F::name)) == "out_dtype")
        inner.out_dtype = text(field(c, F::value));
    });
    if (function != 0 && given.size() >= 2 && n(given[1]).sym == S::string) {
      const std::string_view called = text(function);
      if (called == "getattr" || called == "hasattr") {
        Mention m;
        m.attribute = unquoted(given[1]);
        m.line = static_cast<int>(n(given[1]).row) + 1;
        if (n(given[0]).sym == S::identifier || n(given[0]).sym == S::attribute)
          m.object = text(given[0]);
        if (called == "getattr") out_[in].mentions.push_back(std::move(m));
      }
    }
    each_child(list, [&](std::uint32_t c) { visit(c, list, in, inner); });
  }

  std::string_view text_;
  Cst cst_;
  std::string class_;
  std::vector<std::pair<std::string, bool>> if_self_;  // of where the walk is
  std::vector<FunctionText> out_;
};

}  // namespace

std::vector<FunctionText> functions_of(std::string_view text) { return Walk(text).run(); }

}  // namespace kdex::source
