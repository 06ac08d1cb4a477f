// exporters/shared/csv_text.h.
#include "exporters/shared/csv_text.h"

namespace kdex::exporters {
namespace {

std::string quoted(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string out = "\"";
  for (const char c : cell) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace

std::string csv_line(const Cells& cells) {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) out += (i == 0 ? "" : ",") + quoted(cells[i]);
  return out + "\n";
}

std::vector<Cells> csv_lines(const std::string& text) {
  std::vector<Cells> out;
  Cells line;
  std::string cell;
  bool in_quotes = false;
  const auto end_line = [&] {
    if (!line.empty() || !cell.empty()) line.push_back(std::move(cell)), out.push_back(line);
    cell.clear(), line.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_quotes && c == '"' && i + 1 < text.size() && text[i + 1] == '"')
      cell += text[++i];
    else if (c == '"')
      in_quotes = !in_quotes;
    else if (in_quotes)
      cell += c;
    else if (c == ',')
      line.push_back(std::move(cell)), cell.clear();
    else if (c == '\n')
      end_line();
    else if (c != '\r')
      cell += c;
  }
  end_line();
  return out;
}

}  // namespace kdex::exporters
