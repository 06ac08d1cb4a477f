// exporters/shared/shape_columns.h.
#include "exporters/shared/shape_columns.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <kdex/error.h>

#include "exporters/shared/csv_text.h"

namespace kdex::exporters {
namespace {

constexpr std::size_t npos = static_cast<std::size_t>(-1);

/// The place of a column in any of the spellings.
std::size_t column(const Cells& head, const Cells& names) {
  for (std::size_t i = 0; i < head.size(); ++i) {
    std::string cell = head[i];
    std::transform(cell.begin(), cell.end(), cell.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (std::find(names.begin(), names.end(), cell) != names.end()) return i;
  }
  return npos;
}

/// "4096", also "4096.0" as data frames write it.
std::int64_t number(const Cells& line, std::size_t at, const std::string& place) {
  std::string text = at < line.size() ? line[at] : "";
  text.erase(0, text.find_first_not_of(' '));
  text.erase(text.find_last_not_of(' ') + 1);
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  const std::string rest = text.substr(static_cast<std::size_t>(end - text.data()));
  if (error != std::errc() || (!rest.empty() && rest != ".0"))
    throw Error("expected a whole number, not '" + text + "'", place);
  return n;
}

struct Columns {
  Kind kind = Kind::product;
  std::vector<std::pair<std::string, std::size_t>> sizes;  ///< by the rows' names
};

Columns columns_of(const Cells& head, const std::string& path) {
  const std::size_t n = column(head, {"n"}), k = column(head, {"k"});
  const std::size_t b = column(head, {"b", "batch", "batch_size"});
  if (n != npos && k != npos && b != npos)
    return {Kind::batched_product, {{"B", b}, {"N", n}, {"K", k}}};
  if (n != npos && k != npos) return {Kind::product, {{"N", n}, {"K", k}}};
  const std::size_t hidden = column(head, {"model_dim"}), inter = column(head, {"inter_dim"});
  const std::size_t experts = column(head, {"expert"}), top_k = column(head, {"topk"});
  if (hidden != npos && inter != npos && experts != npos && top_k != npos)
    return {Kind::experts,
            {{"model_dim", hidden}, {"inter_dim", inter}, {"expert", experts}, {"topk", top_k}}};
  throw Error("expected the columns N and K, or model_dim, inter_dim, expert and topk",
              path + ":1");
}

}  // namespace

Table ShapeColumns::read(const std::string& path, const StageContext&) const {
  const auto lines = csv_lines(text_of_file(path));
  if (lines.empty()) throw Error("is empty", path);
  const Columns columns = columns_of(lines[0], path);
  Table out;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    Row row{.kind = columns.kind};
    for (const auto& [name, at] : columns.sizes)
      row.sizes.emplace_back(name, number(lines[i], at, path + ": row " + std::to_string(i)));
    add_row(out.rows, std::move(row));
  }
  return out;
}

std::vector<Row> ShapeColumns::rows(const std::vector<Kernel>& kernels, const StageContext&) const {
  std::vector<Row> out;
  for (const auto& k : kernels) {
    if (k.kind == Kind::product || k.kind == Kind::batched_product) add_row(out, product_row(k));
    if (k.kind != Kind::experts) continue;
    Row row = product_row(k);
    row.sizes = {{"model_dim", k.size("hidden")},
                 {"inter_dim", k.size("intermediate")},
                 {"expert", k.size("E")},
                 {"topk", k.size("top_k") + k.size("shared")}};
    add_row(out, std::move(row));
  }
  return out;
}

}  // namespace kdex::exporters
