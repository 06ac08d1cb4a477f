// mentions.h: one walk over tree-sitter's tree.
#include "core/source/mentions.h"

#include <algorithm>

#include "core/source/cst.h"

namespace kdex::source {
namespace {

/// The call that something is an argument of.
struct Argument {
  std::string function, out_dtype;
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

  void attribute(std::uint32_t id, std::uint32_t parent, std::size_t in, const Argument& at) {
    const std::uint32_t object = field(id, F::object), name = field(id, F::attribute);
    if (name != 0) {
      Mention m;
      m.attribute = text(name);
      if (object != 0 && (n(object).sym == S::identifier || n(object).sym == S::attribute))
        m.object = text(object);
      m.argument_of = at.function;
      m.out_dtype = at.out_dtype;
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

  void call(std::uint32_t id, std::size_t in, const Argument& outer) {
    const std::uint32_t function = field(id, F::function), list = field(id, F::arguments);
    if (function != 0) visit(function, id, in, outer);
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
  std::vector<FunctionText> out_;
};

}  // namespace

std::vector<FunctionText> functions_of(std::string_view text) { return Walk(text).run(); }

}  // namespace kdex::source
