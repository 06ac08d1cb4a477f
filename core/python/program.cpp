// machine.h's run_program: one Python file as `__main__` of a fresh isolate, its statements in
// order.
#include <filesystem>

#include "core/python/machine.h"
#include "core/python/machine/impl.h"
#include "core/python/sources.h"

namespace kdex::py {
namespace {

/// The sources, with the file itself as the module `__main__`.
class WithMain final : public Finder {
 public:
  WithMain(const std::string& file, const std::vector<std::string>& overlay,
           const std::string& folder)
      : file_(file), sources_(overlay, {folder}, "") {}
  bool find(const std::string& dotted, FoundModule& out) override {
    if (dotted != "__main__") return sources_.find(dotted, out);
    out = {nullptr, file_, file_, false};
    return true;
  }
  std::shared_ptr<const Ast> load(const FoundModule& m, source::SyntaxError& error) override {
    return sources_.load(m, error);
  }
  bool external(const std::string& top_level) override { return sources_.external(top_level); }
  std::shared_ptr<const Ast> expression(std::string_view text,
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
  Sources sources_;
};

/// The status that SystemExit asks for; its text, where it carries one, goes to `err`.
int exit_status(Interp& in, V exc, std::string& err) {
  const V code = in.getattr(exc, "code");
  if (code.is_none()) return 0;
  std::int64_t n = 0;
  if (in.as_int64(code, n)) return static_cast<int>(n & 255);
  err += in.str_of(code) + "\n";
  return 1;
}

}  // namespace

int run_program(const std::string& file, const std::vector<std::string>& overlay,
                const Bounds& bounds, std::string& out, std::string& err) {
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  WithMain finder(file, overlay, folder.empty() ? "." : folder.string());
  late_status = 1;
  Interp in(bounds.memory_bytes, bounds.steps, bounds.seconds);
  in.impl->finder = &finder;
  in.impl->printed = &out;
  Host host;
  host.err = [&](std::string_view text) { write_bounded(err, text); };
  in.impl->err = &err;
  set_host(in, &host);
  int status = 1;
  try {
    const V failed = in.caught([&] {
      Module* main = in.impl->import_module("__main__");
      in.impl->ensure_parsed(main);
      main->lazy->frame->lazy_imports = false;
      in.impl->run_all(main);
    });
    if (failed.is_undef()) return 0;
    const V silent = in.caught([&] {
      if (in.isinstance(failed, in.t.SystemExit))
        status = exit_status(in, failed, err);
      else
        err += in.format_traceback(failed);
    });
    if (!silent.is_undef()) err += "kdex: an exception while a traceback was made\n";
  } catch (const LimitError& e) {
    if (!err.empty() && err.back() != '\n') err += '\n';
    err += "kdex: " + e.what + "\n";
  }
  return status;
}

}  // namespace kdex::py
