// core/cli/terminal.h.
#include "core/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "core/base/text.h"

namespace kdex::cli {
namespace {

constexpr std::size_t kNarrowest = 40, kUsual = 100;  // columns

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

bool is_dumb() {
  const char* term = std::getenv("TERM");
  return term == nullptr || std::strcmp(term, "dumb") == 0;
}

std::size_t columns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsual;
  return std::max<std::size_t>(size.ws_col, kNarrowest);
}

std::string counted_of(const RunProgress& p) {
  return "[" + std::to_string(p.finished) + "/" + std::to_string(p.all) + "] ";
}

/// "[17/360] 4 %, 2.3 models/s, 2 min 29 s left"
std::string rate_text(const RunProgress& p, double seconds) {
  char text[64];
  const double rate = seconds > 0 ? static_cast<double>(p.finished) / seconds : 0;
  if (rate >= 1 || rate == 0)
    std::snprintf(text, sizeof text, "%zu %%, %.1f models/s", 100 * p.finished / p.all, rate);
  else
    std::snprintf(text, sizeof text, "%zu %%, %.1f s a model", 100 * p.finished / p.all, 1 / rate);
  std::string out = counted_of(p) + text;
  if (p.finished < p.all && rate > 0)
    out += ", " + time_left_text(static_cast<double>(p.all - p.finished) / rate) + " left";
  return out;
}

}  // namespace

bool has_colour(std::FILE* stream) {
  return ::isatty(::fileno(stream)) == 1 && !is_set("NO_COLOR") && !is_dumb();
}

std::string coloured(const std::string& text, Colour colour, std::FILE* stream) {
  if (colour == Colour::plain || !has_colour(stream)) return text;
  const char* code = colour == Colour::red ? "31" : colour == Colour::yellow ? "33" : "2";
  return "\x1b[" + std::string(code) + "m" + text + "\x1b[0m";
}

std::string time_left_text(double seconds) {
  const auto s = static_cast<long>(std::max(0.0, seconds + 0.5));
  if (s < 60) return std::to_string(s) + " s";
  if (s < 3600) return std::to_string(s / 60) + " min " + std::to_string(s % 60) + " s";
  return std::to_string(s / 3600) + " h " + std::to_string(s % 3600 / 60) + " min";
}

Progress::Progress(Told told)
    : told_(told), is_live_(told == Told::progress && ::isatty(STDERR_FILENO) == 1 && !is_dumb()) {}

Progress::~Progress() {
  const std::lock_guard lock(mutex_);
  clear();
}

void Progress::clear() {
  if (is_open_) std::fputs("\r\x1b[K", stderr);
  is_open_ = false;
}

void Progress::write_over(const std::string& counted, const std::string& rest) {
  clear();
  std::string more = "  " + printable(rest);
  const std::size_t width = columns() - 1;
  more.resize(std::min(more.size(), width > counted.size() ? width - counted.size() : 0));
  std::fputs((counted.substr(0, width) + coloured(more, Colour::dim, stderr)).c_str(), stderr);
  std::fflush(stderr);
  is_open_ = true;
}

void Progress::say(const std::string& line) {
  if (told_ == Told::errors) return;
  const std::lock_guard lock(mutex_);
  std::size_t done = 0, all = 0;
  int behind = 0;
  if (is_live_ && std::sscanf(line.c_str(), "[%zu/%zu] %n", &done, &all, &behind) == 2 &&
      behind > 0 && done <= all && all > 0) {
    const auto now = std::chrono::steady_clock::now();
    if (all != counted_of_ || done <= 1) counted_of_ = all, counted_start_ = now;
    const double passed = std::chrono::duration<double>(now - counted_start_).count();
    std::string counted =
        line.substr(0, static_cast<std::size_t>(behind)) + std::to_string(100 * done / all) + " %";
    if (done > 1 && done < all)
      counted +=
          ", " +
          time_left_text(passed * static_cast<double>(all - done) / static_cast<double>(done - 1)) +
          " left";
    write_over(counted, line.substr(static_cast<std::size_t>(behind)));
    return;
  }
  clear();
  std::fprintf(stderr, "%s\n", printable(line).c_str());
}

void Progress::advance(const RunProgress& p) {
  if (told_ == Told::errors) return;
  if (!is_live_) return say(counted_of(p) + p.line);
  const std::lock_guard lock(mutex_);
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start_;
  write_over(rate_text(p, passed.count()), p.line);
}

void Progress::error(const std::string& line) {
  const std::lock_guard lock(mutex_);
  clear();
  std::fprintf(stderr, "%s %s\n", coloured("kdex:", Colour::red, stderr).c_str(),
               printable(line).c_str());
}

}  // namespace kdex::cli
