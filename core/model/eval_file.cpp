// extract.h's eval_file: one Python file as `__main__` of a fresh isolate, its statements in order.
#include <filesystem>

#include "core/model/extract.h"
#include "core/paths.h"
#include "core/python/host.h"
#include "core/python/impl.h"
#include "core/python/sources.h"

namespace kdex {
namespace {

/// The sources, with the file itself as the module `__main__`.
class WithMain final : public py::Finder {
 public:
  WithMain(const std::string& file, const std::string& folder)
      : file_(file), sources_({data_folder() + "/core/python/lib"}, {folder}, "") {}
  bool find(const std::string& dotted, py::FoundModule& out) override {
    if (dotted != "__main__") return sources_.find(dotted, out);
    out = {nullptr, file_, file_, false};
    return true;
  }
  std::shared_ptr<const source::Ast> load(const py::FoundModule& m,
                                          source::SyntaxError& error) override {
    return sources_.load(m, error);
  }
  bool external(const std::string& top_level) override { return sources_.external(top_level); }
  std::shared_ptr<const source::Ast> expression(std::string_view text,
                                                source::SyntaxError& error) override {
    return sources_.expression(text, error);
  }
  std::string text(const std::string& shown) override { return sources_.text(shown); }
  bool mentions(const std::string& dotted, const std::vector<std::string>& texts) override {
    return sources_.mentions(dotted, texts);
  }
  std::vector<std::string> submodules(const std::string& dotted) override {
    return sources_.submodules(dotted);
  }

 private:
  std::string file_;
  py::Sources sources_;
};

/// The status that SystemExit asks for; its text, where it carries one, goes to `err`.
int exit_status(py::Interp& in, py::V exc, std::string& err) {
  const py::V code = in.getattr(exc, "code");
  if (code.is_none()) return 0;
  std::int64_t n = 0;
  if (in.as_int64(code, n)) return static_cast<int>(n & 255);
  err += in.str_of(code) + "\n";
  return 1;
}

}  // namespace

int eval_file(const std::string& file, std::string& out, std::string& err, const Limits& limits) {
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  WithMain finder(file, folder.empty() ? "." : folder.string());
  py::late_status = 1;
  py::Interp in(limits.memory_bytes, limits.steps, limits.seconds);
  in.impl->finder = &finder;
  in.impl->out = &out;
  py::Host host;
  host.err = [&](std::string_view text) { py::write_bounded(err, text); };
  in.impl->err = &err;
  py::set_host(in, &host);
  py::V failed;
  try {
    try {
      py::Module* main = in.impl->import_module("__main__");
      in.impl->ensure_parsed(main);
      main->lazy->frame->lazy_imports = false;
      in.impl->run_all(main);
    } catch (const py::PyErr& e) {
      failed = e.exc;
    }
    if (failed.is_undef()) return 0;
    if (in.isinstance(failed, in.t.SystemExit)) return exit_status(in, failed, err);
    err += in.format_traceback(failed);
  } catch (const py::LimitError& e) {
    if (!err.empty() && err.back() != '\n') err += '\n';
    err += "kdex: " + e.what + "\n";
  } catch (const py::PyErr&) {
    err += "kdex: an exception while a traceback was made\n";
  }
  return 1;
}

}  // namespace kdex
